package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Prompt;
import io.millrace.events.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processors come and go, brokers restart, and every prompt is answered once. */
class HandoverIT {

  private static final int PROMPTS = 200;
  private static final int TOKENS = 120;
  private static final Duration WITHIN = Duration.ofMinutes(2);

  @TempDir private Path directory;

  @Test
  void a_processor_that_is_told_to_stop_hands_its_prompts_over() throws Exception {
    var prompts = Prompts.numbered(PROMPTS, TOKENS);
    var firstState = directory.resolve("first-state");
    var secondState = directory.resolve("second-state");
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(firstState, Map.of());
      var topic = configuration.topics().completionsTopic();
      try (var first = neighbours.startProcessor("first", firstState, Map.of());
          var completions = new Log<>(configuration, topic, Completion.class)) {
        Prompts.send(configuration, prompts);
        int before = completions.await(PROMPTS / 10, WITHIN).size();
        try (var second = neighbours.beginProcessor("second", secondState, Map.of())) {
          assertThat(first.terminate()).isZero();
          assertThat(before).as("completions before the stop").isLessThan(PROMPTS);

          completions.await(PROMPTS, WITHIN);
          second.terminate();
        }
        assertThat(completions.toEnd())
            .as("what was in flight was begun again")
            .extracting(Completion::getAttempt)
            .contains(2);
        assertThat(completions.toEnd())
            .extracting(Completion::getRequestId)
            .containsExactlyInAnyOrderElementsOf(
                prompts.stream().map(Prompt::getRequestId).toList());
      }
    }
  }

  @Test
  void a_broker_that_restarts_only_delays() throws Exception {
    var prompts = Prompts.numbered(PROMPTS, TOKENS);
    var state = directory.resolve("state");
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(state, Map.of());
      var topic = configuration.topics().completionsTopic();
      try (var processor = neighbours.startProcessor("processor", state, Map.of());
          var completions = new Log<>(configuration, topic, Completion.class)) {
        Prompts.send(configuration, prompts);
        int before = completions.await(PROMPTS / 10, WITHIN).size();
        neighbours.restartBroker();
        assertThat(before).as("completions before the restart").isLessThan(PROMPTS);

        completions.await(PROMPTS, WITHIN);
        processor.terminate();

        assertThat(completions.toEnd())
            .extracting(Completion::getRequestId)
            .containsExactlyInAnyOrderElementsOf(
                prompts.stream().map(Prompt::getRequestId).toList());
        assertThat(completions.toEnd())
            .extracting(Completion::getStatus)
            .containsOnly(Status.COMPLETED);
      }
    }
  }
}
