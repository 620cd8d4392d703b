package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A processor that stood still for so long that another has its partitions writes nothing more when
 * it goes on: not even the ends of prompts that it found in its store, for which it has read no
 * record.
 */
class FencingIT {

  private static final int PROMPTS = 120;
  private static final int TOKENS = 300;
  private static final Duration WITHIN = Duration.ofMinutes(2);

  /** All prompts are in flight at once, and few at a time are answered. */
  private static final Map<String, ?> SETTINGS =
      Map.of(
          "engine", Map.of("slots", 1, "threads", 1, "capacity", 512, "waiting", 1),
          "inflight", Map.of("max-per-partition", 2 * PROMPTS, "resume-at", PROMPTS));

  /**
   * Its transaction is open for longer than it stands still, and its members do not tell whose it
   * is: neither a coordinator nor the other processor aborts it meanwhile.
   */
  private static final Map<String, ?> PATIENT =
      Stream.concat(
              SETTINGS.entrySet().stream(),
              Stream.of(
                  Map.entry(
                      "kafka",
                      Map.of("producer.transaction.timeout.ms", 60_000, "client.id", "patient"))))
          .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));

  /** Longer than the group waits for it: the third one has its partitions by then. */
  private static final Duration PAUSE = Duration.ofSeconds(9);

  @TempDir private Path directory;

  @Test
  void what_another_has_taken_over_is_not_ended_twice() throws Exception {
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(directory, SETTINGS);
      var topic = configuration.topics().completionsTopic();
      try (var first = neighbours.startProcessor("first", directory.resolve("a"), SETTINGS);
          var completions = new Log<>(configuration, topic, Completion.class)) {
        Prompts.send(configuration, Prompts.numbered(PROMPTS, TOKENS));
        completions.await(PROMPTS / 6, WITHIN);
        first.kill();
        // From here on no record is read: all is in the stores.
        try (var second = neighbours.startProcessor("second", directory.resolve("b"), PATIENT)) {
          int before = completions.await(PROMPTS / 4, WITHIN).size();
          assertThat(before).isLessThan(PROMPTS * 3 / 4);
          second.pause();
          try (var third = neighbours.beginProcessor("third", directory.resolve("c"), SETTINGS)) {
            Thread.sleep(PAUSE.toMillis());
            second.goOn();
            awaitAll(configuration);
            third.terminate();
          }
          second.terminate();
        }
        Promises.assertKept(configuration);
      }
    }
  }

  private static void awaitAll(MillraceConfiguration configuration) {
    var topic = configuration.topics().completionsTopic();
    try (var all = new Log<>(configuration, topic, Completion.class)) {
      all.awaitDistinct(PROMPTS, Completion::getRequestId, WITHIN);
    }
  }
}
