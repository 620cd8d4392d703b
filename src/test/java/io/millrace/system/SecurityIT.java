package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A processor at brokers that let in whom they know, and what it says where they do not. */
class SecurityIT {

  private static final String PASSWORD = "opensesame";
  private static final Duration WITHIN = Duration.ofMinutes(1);

  @TempDir private static Path directory;

  private static SecureBroker broker;
  private static Path model;

  @BeforeAll
  static void start() throws Exception {
    model = TinyModel.in(directory);
    broker = SecureBroker.start(directory, "-validity 2");
    broker.addUser("stranger", PASSWORD);
    broker.addUser("millrace", PASSWORD);
    allow(AclOperation.ALL, ResourceType.TOPIC);
    allow(AclOperation.READ, ResourceType.GROUP);
    allow(AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID);
  }

  private static void allow(AclOperation operation, ResourceType type) throws Exception {
    broker.allow("millrace", operation, type, PatternType.PREFIXED, "millrace");
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void a_user_who_may_do_what_it_has_to_gets_answers() throws Exception {
    var config = configuration("allowed", broker, directory, "millrace", PASSWORD);
    try (var processor = MillraceJvm.start(directory, "allowed", "run", "--config", config)) {
      processor.awaitStart(() -> processor.errors().contains("Ready"));
      try (var ask = MillraceJvm.start(directory, "ask", "ask", "--config", config, "hello")) {
        assertThat(ask.exitCode(WITHIN)).as(ask.errors()).isZero();
      }
      try (var doctor = MillraceJvm.start(directory, "fine", "doctor", "--config", config)) {
        assertThat(doctor.exitCode(WITHIN)).as(doctor.output()).isZero();
        assertThat(doctor.output()).contains("access");
      }
      assertThat(processor.terminate()).isZero();
      assertThat(processor.errors()).doesNotContain(PASSWORD);
    }
  }

  @Test
  void a_wrong_password_is_told_as_such() throws Exception {
    assertRefused(
        configuration("wrong", broker, directory, "millrace", "wrong" + PASSWORD),
        "refuse the credentials; correct kafka.sasl.jaas.config");
  }

  @Test
  void missing_access_is_told_with_the_commands_that_give_it() throws Exception {
    assertRefused(
        configuration("stranger", broker, directory, "stranger", PASSWORD),
        "--operation Read --topic millrace.prompts",
        "--operation Write --topic millrace.completions",
        "--operation Read --group millrace",
        "--operation Write --transactional-id millrace --resource-pattern-type prefixed");
  }

  @Test
  void a_brokers_certificate_that_has_expired_is_told_as_such() throws Exception {
    var place = Files.createDirectory(directory.resolve("expired"));
    try (var expired = SecureBroker.start(place, "-startdate -9d -validity 3")) {
      assertRefused(
          configuration("expired", expired, place, "millrace", PASSWORD),
          "certificate has expired; renew it");
    }
  }

  @Test
  void a_certificate_of_an_unknown_authority_is_told_as_such() throws Exception {
    var place = Files.createDirectory(directory.resolve("other"));
    try (var other = SecureBroker.start(place, "-validity 2")) {
      assertRefused(
          configuration("unknown", other, directory, "millrace", PASSWORD),
          "none that is trusted; name its authority in kafka.ssl.truststore.location");
    }
  }

  /** Both the processor and the doctor say so, once, and no stack trace or secret beside it. */
  private static void assertRefused(String config, String... parts) throws Exception {
    try (var processor = MillraceJvm.start(directory, "refused", "run", "--config", config)) {
      assertThat(processor.exitCode(WITHIN)).isEqualTo(1);
      assertThat(processor.errors())
          .contains(parts)
          .doesNotContain(PASSWORD)
          .doesNotContain("\tat ")
          .containsOnlyOnce(parts[0]);
    }
    try (var doctor = MillraceJvm.start(directory, "doctor", "doctor", "--config", config)) {
      assertThat(doctor.exitCode(WITHIN)).isEqualTo(1);
      assertThat(doctor.output()).contains(parts).doesNotContain(PASSWORD);
    }
  }

  /** Returns the path of a configuration. */
  private static String configuration(
      String name, SecureBroker broker, Path trusted, String user, String password)
      throws IOException {
    Map<String, Object> kafka = new LinkedHashMap<>();
    kafka.put("bootstrap.servers", broker.address());
    kafka.put("state.dir", directory.resolve("state-" + name).toString());
    kafka.put("security.protocol", "SASL_SSL");
    kafka.put("sasl.mechanism", "SCRAM-SHA-512");
    kafka.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, password));
    kafka.put("ssl.truststore.type", "PEM");
    kafka.put("ssl.truststore.location", SecureBroker.authority(trusted).toString());
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("kafka", kafka);
    root.put("format", Map.of("values", "json"));
    root.put("topics", Map.of("create", true, "partitions", 2, "replication", 1));
    root.put("defaults", Map.of("max-completion-tokens", 3));
    root.put("model", Map.of("directory", model.toString()));
    var file = directory.resolve(name + ".yaml");
    Files.writeString(file, new YAMLMapper().writeValueAsString(root));
    return file.toString();
  }
}
