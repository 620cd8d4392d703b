package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A processor that stood still for so long that another has its partitions writes nothing more when
 * it goes on: not even the ends of prompts that it found in its store, for which it has read no
 * record.
 */
class FencingIT {

  private static final int PROMPTS = 60;
  private static final int TOKENS = 300;
  private static final Duration WITHIN = Duration.ofMinutes(2);

  /** All prompts are in flight at once, and few at a time are answered. */
  private static final Map<String, ?> SETTINGS =
      Map.of(
          "engine", Map.of("slots", 1, "threads", 1, "capacity", 512, "waiting", 1),
          "inflight", Map.of("max-per-partition", 2 * PROMPTS, "resume-at", PROMPTS),
          // Longer than it stands still: no coordinator is to abort it meanwhile.
          "kafka", Map.of("producer.transaction.timeout.ms", 60_000));

  @TempDir private Path directory;

  @Test
  void what_another_has_taken_over_is_not_ended_twice() throws Exception {
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(directory, SETTINGS);
      var topic = configuration.topics().completionsTopic();
      try (var first = neighbours.startProcessor("first", directory.resolve("a"), SETTINGS);
          var completions = new Log<>(configuration, topic, Completion.class)) {
        Prompts.send(configuration, Prompts.numbered(PROMPTS, TOKENS));
        completions.await(PROMPTS / 10, WITHIN);
        first.kill();
        // From here on no record is read: all is in the stores.
        try (var second = neighbours.startProcessor("second", directory.resolve("b"), SETTINGS)) {
          int before = completions.await(PROMPTS / 5, WITHIN).size();
          assertThat(before).isLessThan(PROMPTS / 2);
          second.pause();
          try (var third = neighbours.startProcessor("third", directory.resolve("c"), SETTINGS)) {
            second.goOn();
            completions.awaitDistinct(PROMPTS - before, Completion::getRequestId, WITHIN);
            third.terminate();
          }
          second.terminate();
        }
        assertThat(completions.toEnd()).isNotEmpty();
        Promises.assertKept(configuration);
      }
    }
  }
}
