package io.millrace.system.faults;

import io.millrace.system.Eventually;
import io.millrace.system.MillraceJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A processor that is started again whenever it ends, as an orchestrator does. */
final class SupervisedProcessor implements AutoCloseable {

  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final Duration READY_WITHIN = Duration.ofMinutes(2);

  /** Starts one more process. */
  interface Starter {
    MillraceJvm start() throws IOException;
  }

  /** An end that the test did not bring about, and the line that says why. */
  record OwnEnd(int exitCode, String reason) {}

  private final Starter starter;
  private final List<OwnEnd> ownEnds = new ArrayList<>();
  private final Thread supervisor;

  /** Guarded by this. */
  private MillraceJvm process;

  /** Guarded by this. */
  private boolean isWanted = true;

  SupervisedProcessor(Starter starter) throws IOException {
    this.starter = starter;
    process = starter.start();
    supervisor = Thread.ofPlatform().daemon().start(this::supervise);
  }

  private void start() throws IOException {
    MovableClock.cleanUpAfter(process.pid());
    process = starter.start();
  }

  private void supervise() {
    try {
      while (true) {
        Thread.sleep(LOOK_EVERY);
        look();
      }
    } catch (InterruptedException closed) {
      // The end of the thread.
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private synchronized void look() throws IOException, InterruptedException {
    if (isWanted && !process.isAlive()) {
      ownEnds.add(new OwnEnd(process.exitCode(Duration.ZERO), reason(process.errors())));
      start();
    }
  }

  private static String reason(String log) {
    return log.lines()
        .filter(line -> line.startsWith("millrace: ") || line.contains(" Ending: "))
        .reduce("", (before, last) -> last);
  }

  /** SIGKILL; it is started again at once. */
  synchronized void kill() throws IOException, InterruptedException {
    process.kill();
    start();
  }

  /** SIGTERM; it is started again when it has ended. Returns the exit code. */
  synchronized int restart() throws IOException, InterruptedException {
    int code = process.terminate();
    start();
    return code;
  }

  /** Has it stand still for a while. */
  synchronized void pause(Duration time) throws IOException, InterruptedException {
    process.pause();
    Thread.sleep(time);
    process.goOn();
  }

  /** Waits until it takes prompts. */
  void awaitReady() throws InterruptedException {
    Eventually.await(READY_WITHIN, this::isReady, () -> "ready: " + current().errors());
  }

  private boolean isReady() {
    return current().errors().contains("Ready");
  }

  private synchronized MillraceJvm current() {
    return process;
  }

  /** How it ended itself, each time. */
  synchronized List<OwnEnd> ownEnds() {
    return List.copyOf(ownEnds);
  }

  /** SIGTERM, and no other start. */
  synchronized int end() throws InterruptedException {
    isWanted = false;
    return process.terminate();
  }

  @Override
  public void close() {
    supervisor.interrupt();
    synchronized (this) {
      isWanted = false;
      process.close();
      MovableClock.cleanUpAfter(process.pid());
    }
  }
}
