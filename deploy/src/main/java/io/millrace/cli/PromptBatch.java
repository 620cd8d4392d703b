package io.millrace.cli;

import io.millrace.events.Prompt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The prompts of a run: those of a file, over and over, each with a request id of its own. */
final class PromptBatch {

  private PromptBatch() {}

  /**
   * As many as asked for, from the first on. A prompt keeps its request id the first time that the
   * id is met; without one, and from then on, it is numbered.
   *
   * @param name put before these numbers
   */
  static List<Prompt> of(List<Prompt> source, int count, String name) {
    Set<String> taken = new HashSet<>();
    source.forEach(prompt -> taken.add(prompt.getRequestId()));
    Set<String> used = new HashSet<>();
    List<Prompt> batch = new ArrayList<>();
    int number = 0;
    while (batch.size() < count) {
      var prompt = source.get(batch.size() % source.size());
      var id = prompt.getRequestId();
      if (id.isBlank() || !used.add(id)) {
        do {
          number++;
          id = name + "-" + number;
        } while (taken.contains(id));
      }
      batch.add(Prompt.newBuilder(prompt).setRequestId(id).build());
    }
    return batch;
  }
}
