"""What flows: records and their parts, readers and writers, safe opening of pictures."""
