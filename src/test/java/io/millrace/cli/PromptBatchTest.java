package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.reply.Events;
import io.millrace.events.Prompt;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PromptBatchTest {

  @Test
  void keeps_request_ids_and_gives_one_to_those_without() {
    assertThat(ids(PromptBatch.of(prompts("mine", "", "yours"), 3, "demo")))
        .containsExactly("mine", "demo-1", "yours");
  }

  @Test
  void repeats_a_short_file_and_no_request_id() {
    assertThat(ids(PromptBatch.of(prompts("mine", "demo-1"), 5, "demo")))
        .containsExactly("mine", "demo-1", "demo-2", "demo-3", "demo-4");
  }

  @Test
  void ends_early_in_a_long_file() {
    assertThat(ids(PromptBatch.of(prompts("a", "b", "c"), 2, "demo"))).containsExactly("a", "b");
  }

  private static List<Prompt> prompts(String... ids) {
    return Stream.of(ids).map(id -> Events.prompt(id, "?")).toList();
  }

  private static List<String> ids(List<Prompt> prompts) {
    return prompts.stream().map(Prompt::getRequestId).toList();
  }
}
