package io.millrace.system.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Status;
import io.millrace.system.Log;
import io.millrace.system.Promises;
import io.millrace.system.Prompts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every prompt is answered once, and as if nothing had happened, whatever breaks meanwhile.
 *
 * <p>Faults are drawn one after the other, each once before one comes again; the second guarantee
 * goes on where the first stopped. {@code -Dmillrace.faults.seed} gives another schedule, {@code
 * -Dmillrace.faults} and {@code -Dmillrace.faults.prompts} a longer one, which {@code
 * -Djunit.jupiter.execution.timeout.default} has to give the time. {@code
 * -Dmillrace.faults.kinds=MOVE_CLOCK,FILL_DISK} draws these alone, {@code
 * -Dmillrace.faults.guarantees=at_least_once} does with this one.
 */
class FaultsIT {

  private static final String EXACTLY_ONCE = "exactly_once_v2";
  private static final int FAULTS = Integer.getInteger("millrace.faults", 9);
  private static final int PROMPTS = Integer.getInteger("millrace.faults.prompts", 200);
  private static final long SEED = Long.getLong("millrace.faults.seed", 2026);

  private static final Set<Fault> KINDS =
      Arrays.stream(System.getProperty("millrace.faults.kinds", "").split(",", -1))
          .filter(name -> !name.isEmpty())
          .map(Fault::valueOf)
          .collect(
              Collectors.collectingAndThen(
                  Collectors.toSet(),
                  chosen -> chosen.isEmpty() ? EnumSet.allOf(Fault.class) : chosen));

  private static final Duration WITHIN = Duration.ofMinutes(5);

  @TempDir private Path directory;

  private static Stream<String> guarantees() {
    return Arrays.stream(
        System.getProperty("millrace.faults.guarantees", EXACTLY_ONCE + ",at_least_once")
            .split(",", -1));
  }

  @ParameterizedTest
  @MethodSource("guarantees")
  void nothing_is_lost_and_nothing_answered_twice(String guarantee) throws Exception {
    System.out.printf("%s: %d faults, seed %d%n", guarantee, FAULTS, SEED);
    var random = new Random(SEED);
    try (var system = BreakableSystem.start(directory, guarantee);
        var reader = new Reader(system)) {
      var possible = system.possible();
      possible.retainAll(KINDS);
      var schedule = new Schedule(possible, SEED);
      if (!guarantee.equals(EXACTLY_ONCE)) {
        schedule.skip(FAULTS);
      }
      for (int i = 0; i < FAULTS; i++) {
        system.send(PROMPTS * (i + 1) / FAULTS - PROMPTS * i / FAULTS);
        Thread.sleep(random.nextInt(1_500));
        var fault = schedule.next();
        int number = random.nextInt(BreakableSystem.PROCESSORS);
        long begin = System.nanoTime();
        fault.inject(system, number, random);
        // Now and then the next one comes while the system still gets over this one.
        if (random.nextInt(3) > 0) {
          system.awaitReady();
        }
        System.out.printf(
            "Fault %d of %d: %s, processor %d, %.1f s%n",
            i + 1, FAULTS, fault, number, (System.nanoTime() - begin) / 1e9);
      }
      check(system, reader);
    }
  }

  private static void check(BreakableSystem system, Reader reader) throws Exception {
    var prompts = system.sent();
    try (var log = completions(system)) {
      log.awaitDistinct(prompts.size(), Completion::getRequestId, WITHIN);
    }
    for (var processor : system.processors()) {
      processor.end();
    }
    var completions = reader.end();
    var report = Promises.assertKept(system.configuration());
    System.out.print(report.text());
    assertThat(completions).hasSize((int) report.allEnds());
    assertEnds(system, completions);
    assertAnsweredAlike(system, completions);
    assertProcessorsSaidWhy(system);
  }

  private static Log<Completion> completions(BreakableSystem system) {
    var configuration = system.configuration();
    return new Log<>(configuration, configuration.topics().completionsTopic(), Completion.class);
  }

  /** A prompt that a step hung by has failed; there are no others that did. */
  private static void assertEnds(BreakableSystem system, List<Completion> completions) {
    var others = completions.stream().filter(end -> end.getStatus() != Status.COMPLETED).toList();
    assertThat(others).extracting(Completion::getErrorCode).isSubsetOf("step_stopped");
    assertThat(others).hasSizeLessThanOrEqualTo(system.hangs());
    System.out.printf(
        "failed by a step that hung: %d of %d; attempts at most: %d%n",
        others.size(),
        completions.size(),
        completions.stream().mapToInt(Completion::getAttempt).max().orElse(0));
  }

  /** A generation that was interrupted ends as one that was not. */
  private static void assertAnsweredAlike(BreakableSystem system, List<Completion> completions) {
    Map<String, String> contents = new HashMap<>();
    system.sent().forEach(prompt -> contents.put(prompt.getRequestId(), Prompts.contents(prompt)));
    Map<String, String> answers = new HashMap<>();
    for (var completion : completions) {
      if (completion.getStatus() == Status.COMPLETED) {
        var answer =
            answers.putIfAbsent(contents.get(completion.getRequestId()), completion.getText());
        if (answer != null) {
          assertThat(completion.getText()).as(completion.getRequestId()).isEqualTo(answer);
        }
      }
    }
  }

  /** One that ended by itself had a reason that it could tell. */
  private static void assertProcessorsSaidWhy(BreakableSystem system) {
    for (var processor : system.processors()) {
      processor.ownEnds().forEach(end -> System.out.println("Ended by itself: " + end));
      assertThat(processor.ownEnds())
          .allSatisfy(
              end -> {
                assertThat(end.exitCode()).isEqualTo(1);
                assertThat(end.reason()).isNotEmpty();
              });
    }
  }

  /** One who reads what is committed from the start on. */
  private static final class Reader implements AutoCloseable {

    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<List<Completion>> all;

    Reader(BreakableSystem system) {
      // Not on the common pool, which the registry's clients need.
      all =
          CompletableFuture.supplyAsync(
              () -> readUntilTheEnd(system), task -> Thread.ofPlatform().daemon().start(task));
    }

    private List<Completion> readUntilTheEnd(BreakableSystem system) {
      try (var log = completions(system)) {
        while (!ended.get()) {
          log.read();
        }
        return log.toEnd();
      }
    }

    /** Reads on to where the log ends now. */
    List<Completion> end() {
      close();
      return all.join();
    }

    @Override
    public void close() {
      ended.set(true);
    }
  }
}
