package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every prompt is answered once, and as if nothing had happened, whatever breaks meanwhile.
 *
 * <p>Faults are drawn one after the other. {@code -Dmillrace.faults.seed} repeats a schedule,
 * {@code -Dmillrace.faults} and {@code -Dmillrace.faults.prompts} make a longer one, which {@code
 * -Djunit.jupiter.execution.timeout.default} has to give the time.
 */
class FaultsIT {

  private static final int FAULTS = Integer.getInteger("millrace.faults", 5);
  private static final int PROMPTS = Integer.getInteger("millrace.faults.prompts", 150);
  private static final long SEED =
      Long.getLong("millrace.faults.seed", System.currentTimeMillis() % 10_000);

  private static final Duration WITHIN = Duration.ofMinutes(5);

  /** Longer than the group waits for a processor: another one has its partitions by then. */
  private static final Duration LONG_PAUSE = Duration.ofSeconds(9);

  private static final Duration SHORT_PAUSE = Duration.ofSeconds(2);

  /** Few slots, so that much is in flight. */
  private static final Map<String, ?> SLOW = Map.of("slots", 2, "threads", 1, "capacity", 512);

  @TempDir private Path directory;

  private enum Fault {
    KILL_PROCESSOR,
    STOP_PROCESSOR,
    PAUSE_PROCESSOR,
    CUT_PROCESSOR_OFF,
    JOIN_AND_LEAVE,
    KILL_BROKER,
    RESTART_BROKER,
    PAUSE_BROKER
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly_once_v2", "at_least_once"})
  void nothing_is_lost_and_nothing_answered_twice(String guarantee) throws Exception {
    System.out.printf("%s: %d faults, seed %d%n", guarantee, FAULTS, SEED);
    var random = new Random(SEED);
    try (var run = new Run(directory, guarantee)) {
      for (int i = 0; i < FAULTS; i++) {
        run.send(PROMPTS * i / FAULTS, PROMPTS * (i + 1) / FAULTS);
        Thread.sleep(random.nextInt(1_500));
        var faults = Fault.values();
        var fault = faults[random.nextInt(faults.length)];
        System.out.printf("Fault %d of %d: %s%n", i + 1, FAULTS, fault);
        run.inject(fault, random.nextInt(2));
      }
      run.check();
    }
  }

  /** Two processors with their neighbours, and a reader. */
  private static final class Run implements AutoCloseable {

    private final Path directory;
    private final Map<String, ?> settings;
    private final Neighbours neighbours;
    private final MillraceJvm[] processors = new MillraceJvm[2];
    private final List<Prompt> sent = new ArrayList<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<List<Completion>> readMeanwhile;
    private int starts;

    Run(Path directory, String guarantee) throws IOException, InterruptedException {
      this.directory = directory;
      this.settings = Map.of("engine", SLOW, "inflight", Map.of("checkpoint-tokens", 16));
      this.neighbours = Neighbours.start(directory, guarantee);
      for (int i = 0; i < processors.length; i++) {
        processors[i] = start(i);
      }
      // Not on the common pool, which the registry's clients need.
      readMeanwhile =
          CompletableFuture.supplyAsync(
              this::readUntilTheEnd, task -> Thread.ofPlatform().daemon().start(task));
    }

    private MillraceJvm start(int number) throws IOException, InterruptedException {
      return neighbours.startProcessor(
          "processor-" + starts++, directory.resolve("state-" + number), settings);
    }

    private Log<Completion> completions() {
      var configuration = neighbours.configuration(directory, settings);
      return new Log<>(configuration, configuration.topics().completionsTopic(), Completion.class);
    }

    private List<Completion> readUntilTheEnd() {
      try (var log = completions()) {
        while (!ended.get()) {
          log.read();
        }
        return log.toEnd();
      }
    }

    void send(int from, int to) {
      var prompts = Prompts.alike(from, to);
      sent.addAll(prompts);
      Prompts.send(neighbours.configuration(directory, settings), prompts);
    }

    void inject(Fault fault, int number) throws IOException, InterruptedException {
      var processor = processors[number];
      switch (fault) {
        case KILL_PROCESSOR -> {
          processor.kill();
          processors[number] = start(number);
        }
        case STOP_PROCESSOR -> {
          processor.terminate();
          processors[number] = start(number);
        }
        case PAUSE_PROCESSOR -> pause(processor, SHORT_PAUSE);
        case CUT_PROCESSOR_OFF -> pause(processor, LONG_PAUSE);
        case JOIN_AND_LEAVE -> {
          try (var third = start(2)) {
            Thread.sleep(SHORT_PAUSE.toMillis());
            third.terminate();
          }
        }
        case KILL_BROKER -> neighbours.killBroker();
        case RESTART_BROKER -> neighbours.restartBroker();
        case PAUSE_BROKER -> neighbours.pauseBroker(SHORT_PAUSE);
      }
    }

    private static void pause(MillraceJvm processor, Duration time)
        throws IOException, InterruptedException {
      processor.pause();
      Thread.sleep(time.toMillis());
      processor.goOn();
    }

    void check() throws Exception {
      try (var log = completions()) {
        log.awaitDistinct(sent.size(), Completion::getRequestId, WITHIN);
      }
      for (var processor : processors) {
        processor.terminate();
      }
      ended.set(true);
      var completions = readMeanwhile.join();
      var report = Promises.assertKept(neighbours.configuration(directory, settings));
      System.out.print(report.text());
      assertThat(completions).hasSize((int) report.allEnds());
      assertThat(completions).extracting(Completion::getStatus).containsOnly(Status.COMPLETED);
      System.out.printf(
          "attempts at most: %d%n",
          completions.stream().mapToInt(Completion::getAttempt).max().orElse(0));
      assertAnsweredAlike(completions);
    }

    /** A generation that was interrupted ends as one that was not. */
    private void assertAnsweredAlike(List<Completion> completions) {
      Map<String, String> contents = new HashMap<>();
      sent.forEach(prompt -> contents.put(prompt.getRequestId(), Prompts.contents(prompt)));
      Map<String, String> answers = new HashMap<>();
      for (var completion : completions) {
        var answer =
            answers.putIfAbsent(contents.get(completion.getRequestId()), completion.getText());
        if (answer != null) {
          assertThat(completion.getText()).as(completion.getRequestId()).isEqualTo(answer);
        }
      }
    }

    @Override
    public void close() {
      ended.set(true);
      for (var processor : processors) {
        if (processor != null) {
          processor.close();
        }
      }
      neighbours.close();
    }
  }
}
