"""Training: one loop; objectives, batch makers, bridges, rewards. Needs the extra `models`."""
