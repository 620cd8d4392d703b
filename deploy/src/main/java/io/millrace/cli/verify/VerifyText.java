package io.millrace.cli.verify;

import io.millrace.events.Status;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;

/** A report as people read it. */
final class VerifyText {

  private VerifyText() {}

  static String of(VerifyReport report) {
    var text = new StringBuilder();
    line(text, "prompts", report.prompts());
    line(text, "terminal events", report.allEnds());
    for (var status : Status.values()) {
      Long count = report.ends().get(status);
      if (count != null) {
        line(text, "  " + status.name().toLowerCase(Locale.ROOT), count);
      }
    }
    line(text, "usage records", report.usages());
    line(text, "tokens", report.tokens());
    line(text, "dead letters", report.deadLetters());
    line(text, "without an end", report.open());
    if (report.repeats() > 0) {
      line(text, "repeated events", report.repeats());
    }
    line(text, "violations", report.allViolations());
    report.violations().entrySet().stream()
        .sorted(Comparator.comparing(Map.Entry::getKey))
        .forEach(count -> line(text, "  " + count.getKey().breach(), count.getValue()));
    for (var violation : report.examples()) {
      text.append(violation.rule().breach());
      if (violation.requestId() != null) {
        text.append(": ").append(violation.requestId());
      }
      text.append(": ").append(violation.detail());
      if (violation.place() != null) {
        text.append(" (").append(violation.place()).append(')');
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, long count) {
    text.append(String.format(Locale.ROOT, "%-52s %,12d%n", name, count));
  }
}
