package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.UnsafeSetting;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.api.Test;

class BrokerLimitsTest {

  @Test
  void anOutputThatTakesLessThanTheProducerSendsIsRefused() {
    assertThat(topic("millrace.completions", "max.message.bytes", "1000000"))
        .singleElement()
        .asString()
        .contains("millrace.completions", "1000000", "1048576");
    assertThat(topic("millrace.completions", "max.message.bytes", "1048588")).isEmpty();
    assertThat(topic("millrace.prompts", "max.message.bytes", "1000")).isEmpty();
  }

  @Test
  void aCompactedTopicOfEventsIsRefused() {
    assertThat(topic("millrace.prompts", "cleanup.policy", "compact,delete"))
        .singleElement()
        .asString()
        .contains("compacted");
    assertThat(topic("millrace.usage", "cleanup.policy", "compact")).hasSize(1);
    assertThat(topic("millrace.usage", "cleanup.policy", "delete")).isEmpty();
  }

  @Test
  void timeoutsThatTheBrokersDoNotGrantAreRefused() {
    assertThat(broker("transaction.max.timeout.ms", "5000"))
        .singleElement()
        .asString()
        .contains("no transaction could begin");
    assertThat(broker("group.min.session.timeout.ms", "10000"))
        .singleElement()
        .asString()
        .contains("no processor could join");
    assertThat(broker("group.max.session.timeout.ms", "5000")).hasSize(1);
    assertThat(broker("group.min.session.timeout.ms", "6000")).isEmpty();
  }

  @Test
  void promptsThatAreSoonDeletedAreWarnedOf() {
    assertThat(warnings("millrace.prompts", "60000"))
        .singleElement()
        .hasToString(
            "retention.ms of millrace.prompts is 60000: prompts that wait for longer are deleted"
                + " unread; raise it");
    assertThat(warnings("millrace.prompts", "3600000")).isEmpty();
    assertThat(warnings("millrace.prompts", "-1")).isEmpty();
    assertThat(warnings("millrace.tokens", "60000")).isEmpty();
  }

  private static List<UnsafeSetting> topic(String topic, String key, String value) {
    return BrokerLimits.refusals(topic, config(key, value), configuration());
  }

  private static List<UnsafeSetting> warnings(String topic, String retention) {
    return BrokerLimits.warnings(topic, config("retention.ms", retention), configuration());
  }

  private static List<UnsafeSetting> broker(String key, String value) {
    return BrokerLimits.refusals(config(key, value), configuration());
  }

  private static Config config(String key, String value) {
    return new Config(List.of(new ConfigEntry(key, value)));
  }

  private static MillraceConfiguration configuration() {
    return MillraceConfiguration.parse("model.directory: m\n", Map.of());
  }
}
