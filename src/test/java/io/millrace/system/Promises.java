package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.reply.Clients;
import io.millrace.cli.topics.TopicRange;
import io.millrace.cli.verify.InvariantChecker;
import io.millrace.cli.verify.TopicScan;
import io.millrace.cli.verify.VerifyReport;
import io.millrace.topology.config.MillraceConfiguration;
import java.time.Duration;
import java.util.Optional;

/** Checks all that is in the topics of a processor, as {@code millrace verify} does. */
public final class Promises {

  private Promises() {}

  /** Returns what was found, which has no violations. */
  public static VerifyReport assertKept(MillraceConfiguration configuration) {
    var checker =
        new InvariantChecker(
            configuration.topics().promptsTopic(), !configuration.isExactlyOnce(), false, 20);
    var properties = new Clients(configuration, Duration.ofSeconds(30)).committedReader();
    try (var scan = new TopicScan(configuration, checker);
        var range = new TopicRange(properties, Optional.empty(), Optional.empty())) {
      scan.read(range, records -> {});
    }
    var report = checker.finish();
    assertThat(report.isClean()).as(report.text()).isTrue();
    return report;
  }
}
