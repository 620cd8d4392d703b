package io.millrace.cli.doctor;

import io.millrace.cli.doctor.Finding.Broken;
import io.millrace.cli.doctor.Finding.Doubtful;
import io.millrace.cli.doctor.Finding.Fine;
import io.millrace.schemas.ValueFormat;
import io.millrace.schemas.registry.RegistryConfig;
import io.millrace.schemas.registry.SchemaRegistryException;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import io.millrace.schemas.registry.SharedRegistries;
import io.millrace.topology.TopicCheck;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** Checks of what a processor talks to: brokers, topics, the schema registry. */
public final class NeighbourChecks {

  private static final int PATIENCE_MILLIS = 5_000;
  private static final String TRANSACTION_VERSION = "transaction.version";

  private final MillraceConfiguration configuration;

  public NeighbourChecks(MillraceConfiguration configuration) {
    this.configuration = configuration;
  }

  public List<Finding> run() throws InterruptedException {
    List<Finding> findings = new ArrayList<>(kafka());
    findings.add(registry());
    return findings;
  }

  private List<Finding> kafka() throws InterruptedException {
    Map<String, Object> properties = new HashMap<>(configuration.kafka());
    properties.keySet().retainAll(AdminClientConfig.configNames());
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    var servers = String.valueOf(properties.get("bootstrap.servers"));
    try (var admin = Admin.create(properties)) {
      return List.of(brokers(admin, servers), transactions(admin), topics(admin));
    } catch (ExecutionException | KafkaException e) {
      var cause = e instanceof ExecutionException ? e.getCause() : e;
      return List.of(
          new Broken(
              "brokers",
              "%s: %s".formatted(servers, cause == null ? e : cause.getMessage()),
              "start Kafka, or correct kafka.bootstrap.servers and the security settings by it"));
    }
  }

  private static Finding brokers(Admin admin, String servers)
      throws ExecutionException, InterruptedException {
    int nodes = admin.describeCluster().nodes().get().size();
    return new Fine("brokers", "%s, %d in the cluster".formatted(servers, nodes));
  }

  private static Finding transactions(Admin admin) throws ExecutionException, InterruptedException {
    var features = admin.describeFeatures().featureMetadata().get().finalizedFeatures();
    var version = features.get(TRANSACTION_VERSION);
    return version != null && version.maxVersionLevel() >= 2
        ? new Fine("transactions", TRANSACTION_VERSION + " " + version.maxVersionLevel())
        : new Doubtful(
            "transactions",
            TRANSACTION_VERSION
                + " is below 2, so exactly once has gaps (KIP-890): upgrade the brokers to 4.0,"
                + " then kafka-features.sh upgrade --feature transaction.version=2");
  }

  private Finding topics(Admin admin) {
    var wanted = configuration.topics().all();
    var found = new TopicCheck(admin, configuration.topics()).partitionCounts();
    var missing = wanted.stream().filter(topic -> !found.containsKey(topic)).toList();
    if (missing.isEmpty()) {
      int partitions = found.getOrDefault(configuration.topics().promptsTopic(), 0);
      return new Fine(
          "topics", "all %d there; prompts in %d partitions".formatted(wanted.size(), partitions));
    }
    var detail = "missing: " + String.join(", ", missing);
    return configuration.topics().create()
        ? new Doubtful("topics", detail + "; millrace run will create them")
        : new Broken("topics", detail, "create them, or set topics.create: true");
  }

  private Finding registry() {
    if (configuration.format().values() == ValueFormat.JSON) {
      return new Fine("schema registry", "not needed: values are JSON");
    }
    Map<String, Object> properties = new HashMap<>(ConfiguredFormat.serdeProperties(configuration));
    properties.put(RegistryConfig.MAX_RETRIES, 0);
    try {
      var config = RegistryConfig.of(properties);
      try {
        SharedRegistries.acquire(config).latest(configuration.topics().promptsTopic() + "-value");
        return new Fine("schema registry", config.addresses());
      } catch (SubjectNotFound e) {
        return new Fine("schema registry", config.addresses() + ", no schema of a prompt yet");
      } finally {
        SharedRegistries.release(config);
      }
    } catch (SchemaRegistryException | ConfigException e) {
      return new Broken(
          "schema registry",
          String.valueOf(e.getMessage()),
          "start it, correct schema-registry.url and what is by it, or set format.values: json");
    }
  }
}
