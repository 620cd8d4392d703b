package io.millrace.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.doctor.Finding.Broken;
import io.millrace.cli.doctor.Finding.Doubtful;
import io.millrace.cli.doctor.Finding.Fine;
import io.millrace.local.EmbeddedBroker;
import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NeighbourChecksIT {

  @TempDir private static Path directory;

  private static EmbeddedBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = EmbeddedBroker.start(directory, 0, Map.of("group.min.session.timeout.ms", "5000"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void settings_that_go_together_are_fine() throws Exception {
    var configuration = configuration("fine.", "");
    createTopics(configuration, Map.of());
    assertThat(settings(configuration))
        .containsExactly(new Fine("settings", "go together, and with those of topics and brokers"));
  }

  @Test
  void topics_and_brokers_that_break_a_promise_are_told_with_what_mends_it() throws Exception {
    var configuration =
        configuration(
            "broken.",
            "consumer.session.timeout.ms: 4000, consumer.heartbeat.interval.ms: 1000,"
                + " producer.transaction.timeout.ms: 4000");
    createTopics(
        configuration,
        Map.of(
            "completions", Map.of("max.message.bytes", "1000"),
            "usage", Map.of("cleanup.policy", "compact")));
    assertThat(settings(configuration))
        .satisfiesExactlyInAnyOrder(
            finding -> assertBroken(finding, "records of 1000 bytes", "raise the topic's"),
            finding -> assertBroken(finding, "broken.usage is compacted", "to delete"),
            finding -> assertBroken(finding, "no processor could join", "set it within"));
  }

  @Test
  void what_may_do_harm_is_warned_of() throws Exception {
    var configuration = configuration("slow.", "producer.linger.ms: 100");
    createTopics(configuration, Map.of("prompts", Map.of("retention.ms", "60000")));
    assertThat(settings(configuration))
        .allSatisfy(finding -> assertThat(finding).isInstanceOf(Doubtful.class))
        .extracting(Finding::detail)
        .satisfiesExactlyInAnyOrder(
            detail -> assertThat(detail).contains("linger.ms 100", "lower it"),
            detail -> assertThat(detail).contains("deleted unread", "raise it"));
  }

  @Test
  void topics_that_are_missing_hide_no_other_finding() throws Exception {
    assertThat(settings(configuration("missing.", "linger.ms: 100")))
        .singleElement()
        .isInstanceOf(Doubtful.class);
  }

  private static void assertBroken(Finding finding, String detail, String remedy) {
    assertThat(finding).isInstanceOf(Broken.class);
    assertThat(finding.detail()).contains(detail);
    assertThat(((Broken) finding).remedy()).contains(remedy);
  }

  private static List<Finding> settings(MillraceConfiguration configuration) throws Exception {
    return new NeighbourChecks(configuration)
        .run().stream().filter(finding -> finding.subject().equals("settings")).toList();
  }

  private static MillraceConfiguration configuration(String prefix, String kafka) {
    return MillraceConfiguration.parse(
        """
        kafka: {bootstrap.servers: "%s", %s}
        format.values: json
        topics.prefix: %s
        model.directory: none
        """
            .formatted(broker.bootstrapServers(), kafka, prefix),
        Map.of());
  }

  /**
   * @param settings of some of them, by name without prefix
   */
  private static void createTopics(
      MillraceConfiguration configuration, Map<String, Map<String, String>> settings)
      throws Exception {
    var topics = configuration.topics();
    try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      var wanted =
          topics.all().stream()
              .map(
                  topic ->
                      new NewTopic(topic, 1, (short) 1)
                          .configs(
                              settings.getOrDefault(
                                  topic.substring(topics.prefix().length()), Map.of())))
              .toList();
      admin.createTopics(wanted).all().get();
    }
  }
}
