package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import io.millrace.events.Usage;
import io.millrace.local.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A processor that is killed loses no prompt and answers none twice. */
class CrashIT {

  private static final int PROMPTS = 200;
  private static final int TOKENS = 120;
  private static final Duration WITHIN = Duration.ofMinutes(2);

  @TempDir private Path directory;

  @Test
  void goes_on_where_it_was_killed() throws Exception {
    killInTheMiddle(false);
  }

  @Test
  void goes_on_where_it_was_killed_even_if_its_disk_is_lost() throws Exception {
    killInTheMiddle(true);
  }

  private void killInTheMiddle(boolean loseState) throws IOException, InterruptedException {
    var state = directory.resolve("state");
    var prompts = Prompts.numbered(PROMPTS, TOKENS);
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(state, Map.of());
      var topics = configuration.topics();
      try (var first = neighbours.startProcessor("first", state, Map.of());
          var completions = new Log<>(configuration, topics.completionsTopic(), Completion.class);
          var usage = new Log<>(configuration, topics.usageTopic(), Usage.class)) {
        Prompts.send(configuration, prompts);
        int before = completions.await(PROMPTS / 5, WITHIN).size();
        first.kill();
        assertThat(before).as("completions before the kill").isLessThan(PROMPTS);
        if (loseState) {
          new TemporaryDirectory(state).close();
        }

        try (var second = neighbours.startProcessor("second", state, Map.of())) {
          completions.await(PROMPTS, WITHIN);
          usage.await(PROMPTS, WITHIN);
          second.terminate();
        }
        assertExactlyOnce(prompts, completions.toEnd(), usage.toEnd());
        Promises.assertKept(configuration);
      }
    }
  }

  private static void assertExactlyOnce(
      List<Prompt> prompts, List<Completion> completions, List<Usage> usage) {
    var ids = prompts.stream().map(Prompt::getRequestId).toList();
    assertThat(completions)
        .extracting(Completion::getRequestId)
        .containsExactlyInAnyOrderElementsOf(ids);
    assertThat(usage).extracting(Usage::getRequestId).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(completions).extracting(Completion::getStatus).containsOnly(Status.COMPLETED);
    assertThat(completions).extracting(Completion::getAttempt).contains(1, 2);
  }
}
