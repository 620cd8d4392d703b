package io.millrace.cli.verify;

import io.millrace.events.Status;
import java.util.List;
import java.util.Map;

/**
 * What a check has found.
 *
 * @param prompts records in the prompts topic
 * @param ends terminal events by status
 * @param usages usage records
 * @param tokens token events
 * @param deadLetters error events
 * @param open accepted prompts without a terminal event
 * @param repeats events that were there before; only where events may be repeated
 * @param violations by rule
 * @param examples the first violations
 */
public record VerifyReport(
    long prompts,
    Map<Status, Long> ends,
    long usages,
    long tokens,
    long deadLetters,
    long open,
    long repeats,
    Map<Rule, Long> violations,
    List<Violation> examples) {

  public VerifyReport {
    ends = Map.copyOf(ends);
    violations = Map.copyOf(violations);
    examples = List.copyOf(examples);
  }

  /** Terminal events of all kinds. */
  public long allEnds() {
    return ends.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Broken promises of all kinds. */
  public long allViolations() {
    return violations.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The report as people read it. */
  public String text() {
    return VerifyText.of(this);
  }

  public boolean isClean() {
    return allViolations() == 0;
  }
}
