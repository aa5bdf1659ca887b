"""The one training loop."""

import sys
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic
from typing import Any

from diptych.engine.folder import locked
from diptych.train.accelerator import accelerator_of
from diptych.train.checkpoint import NAME
from diptych.train.data import Data
from diptych.train.distributed import rank, ranks, wait
from diptych.train.evaluate import evaluated, learning
from diptych.train.feed import Fed, asks_model, drawn, maker_of, sent, threads
from diptych.train.finite import Watch
from diptych.train.logs import opened_log
from diptych.train.lora import merged
from diptych.train.plan import Plan
from diptych.train.plan import check as check_plan
from diptych.train.running import Run, Spent, Standing, begun, due, everywhere, found_checkpoint, keep
from diptych.train.saving import configuration, is_finished, load, refuse_finished, save, versions
from diptych.train.schedule import rate
from diptych.train.settings import Settings, standing
from diptych.train.settings import check as check_settings
from diptych.train.update import graded, moved
from diptych.train.workers import ahead

TOLD_AFTER = 30.0  # seconds of training from which its end is told where there is no terminal


def train(plan: Plan, model: Any, data: Data, out: Path, *, seed: int = 0, settings: Settings | None = None, keep: bool = False) -> Path:
    """Trains the model in place and saves it in `out`, which `from_pretrained` opens (docs/training.md).

    Interrupted and called again with the same arguments, it goes on from its last checkpoint and ends with the same weights. With `keep`,
    here or in the settings, a folder where this very training has ended is left as it is and the model gets its weights, so that a recipe
    goes on with what comes after. RunError if `out` otherwise holds a trained model, or another training; if a loss is no number any more.
    InputError for plans that cannot be trained.
    """
    settings = settings or standing()
    if (keep or settings.keep) and is_finished(Path(out), plan, model, data, seed):
        return again(Path(out), model)
    with ExitStack() as held:
        run = opened_run(plan, model, data, Path(out), seed=seed, settings=settings, held=held)
        flags = {name: one.requires_grad for name, one in model.named_parameters()}
        for number in range(run.state.get("stage", 0), len(plan)):
            run_stage(run, begun(run, number))
        for name, one in model.named_parameters():
            one.requires_grad_(flags[name])
        model.eval()
        finish(run)
    return Path(out)


def again(out: Path, model: Any) -> Path:
    """The end of a training that a folder holds."""
    load(out, model)
    model.eval()
    (out / NAME).unlink(missing_ok=True)  # left by a kill in the last instant
    return out


def opened_run(plan: Plan, model: Any, data: Data, out: Path, *, seed: int, settings: Settings, held: ExitStack) -> Run:
    """All that the stages share; the folder is held until `held` lets go."""
    check_plan(plan)
    check_settings(settings)
    refuse_finished(out)
    out.mkdir(parents=True, exist_ok=True)
    accelerator = accelerator_of(settings)
    if rank() == 0:
        held.enter_context(locked(out))
    known = configuration(plan, model, data, seed)
    saved, state = found_checkpoint(out, known)
    wait()  # until every process has read it
    log = opened_log(out, first=rank() == 0, after=state.get("at", 0), progress=settings.progress, tensorboard=settings.tensorboard)
    held.callback(log.close)
    spent = Spent(**state.get("spent", {}))
    if rank() != 0:
        spent.lost = 0
    return Run(plan, model, data, out, seed, settings, accelerator, known, log, saved, state, spent)


def run_stage(run: Run, at: Standing) -> None:
    """The updates of a stage that are still to do."""
    watch = Watch(run.out, at.stage, late=int(run.device.type == "cuda"))
    found = drawn(at.stage, run.model, run.data, run.seed, at.place)
    feed = ahead(maker_of(run.data, run.device, at.stage), found, threads(at.stage, run.data, run.settings.workers))
    run.log.bar.stage(at.stage.name, at.stage.updates, at.update)
    asks = asks_model(at.stage)
    run.tick()
    with closing(feed):
        while at.update < at.stage.updates:
            began = monotonic()
            fed = next(feed)
            at.place = fed.place
            if asks:
                learning(run.model)  # a maker that asked the model may have left all of it training
            else:
                run.spent.waited += monotonic() - began
            if fed.tensors:
                one_update(run, at, sent(fed, run.data, run.device), watch)
            # batches that hang on the model cannot be drawn again in the middle of their episode
            if not (asks and fed.tensors) and due(run, at):
                watch.settle()
                keep(run, at)
    watch.settle()
    if at.averages is not None:
        at.averages.settle()
    merged(at.tuner)
    if ranks() > 1 or run.device.type != "cpu":
        run.accelerator.free_memory()  # it would keep what wraps the model, whose hooks work on; half a second that nothing else needs


def one_update(run: Run, at: Standing, fed: Fed, watch: Watch) -> None:
    """One update with what is to be said of it."""
    sums = graded(at.stage, at.scored, run.accelerator, fed.tensors, at.update)
    norm = moved(at.stage, at.optimiser, at.update)
    if at.averages is not None:
        at.averages.follow(at.update)
    watch.look(at.update, fed, sums, norm)
    at.update += 1
    at.sums.add(sums.found)
    run.spent.samples += fed.rows
    run.spent.lost += len(fed.lost)
    run.log.bar.advance(1)
    last = at.update == at.stage.updates
    place = {"at": run.before(at.number) + at.update, "stage": at.stage.name, "update": at.update}
    for id in fed.lost:
        run.log.line(**place, lost_row=id)
    if at.update % run.settings.log_every == 0 or last:
        watch.settle()
        tell(run, at, place, norm.item())
    if run.settings.evaluate is not None and (last or (run.settings.evaluate_every and at.update % run.settings.evaluate_every == 0)):
        run.log.line(**place, evaluation=evaluated(run.settings.evaluate, run.model, at.update, at.averages))


def tell(run: Run, at: Standing, place: dict[str, Any], norm: float) -> None:
    """A line of the log over the updates since the one before."""
    means = {name: total / count if count else 0.0 for name, (total, count) in at.sums.everywhere().items()}
    loss = sum(at.stage.weight(name) * mean for name, mean in means.items())
    now = everywhere(run)
    rates = {"rate": at.stage.lr * rate(at.stage, at.update - 1), "norm": norm, "seconds": round(now.seconds, 3)}
    run.log.line(**place, episode=at.place.episode, loss=loss, terms=means, **rates, **now.since(at.told).about())
    run.log.show(f"{at.stage.name}, loss {loss:.4g}")
    at.sums.found.clear()
    at.told = now


def finish(run: Run) -> None:
    """Saves the model, tells what it took and lets the checkpoint go."""
    run.spent = everywhere(run)
    about = {**run.configuration, "versions": versions(), "seconds": round(run.spent.seconds, 3), "samples": run.spent.samples}
    if rank() == 0:
        save(run.out, run.model, run.data, about | run.spent.about())
        (run.out / NAME).unlink(missing_ok=True)
    wait()
    if rank() == 0 and run.settings.progress and (sys.stderr.isatty() or run.spent.seconds > TOLD_AFTER):
        print(ending(run), file=sys.stderr, flush=True)


def ending(run: Run) -> str:
    """What a training took, in a line."""
    said = run.spent.about()
    updates = run.before(len(run.plan))
    rate = f"{said['samples_per_second']:.0f} rows/s"
    line = f"{updates} updates in {run.spent.seconds:.0f} s, {rate}, {said['waiting']:.1%} of the time waiting for data"
    if said["waiting"] > 0.1:
        line += " (more workers, smaller pictures or a faster disk would help)"
    return line + (f"; {run.spent.lost} pictures could not be opened and were replaced" if run.spent.lost else "")
