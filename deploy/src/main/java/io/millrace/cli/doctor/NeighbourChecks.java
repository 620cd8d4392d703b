package io.millrace.cli.doctor;

import io.millrace.cli.doctor.Finding.Broken;
import io.millrace.cli.doctor.Finding.Doubtful;
import io.millrace.cli.doctor.Finding.Fine;
import io.millrace.schemas.ValueFormat;
import io.millrace.schemas.registry.RegistryConfig;
import io.millrace.schemas.registry.SchemaRegistryException;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import io.millrace.schemas.registry.SharedRegistries;
import io.millrace.topology.BrokerLimits;
import io.millrace.topology.TopicCheck;
import io.millrace.topology.TopicCheck.PartitionMismatchException;
import io.millrace.topology.access.AccessCheck;
import io.millrace.topology.access.BrokerRefusals;
import io.millrace.topology.access.MissingAccess;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.UnsafeSettings;
import io.millrace.topology.format.ConfiguredFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** Checks of what a processor talks to: brokers, topics, their settings, the schema registry. */
public final class NeighbourChecks {

  private static final int PATIENCE_MILLIS = 5_000;
  private static final String SETTINGS = "settings";
  private static final String REGISTRY = "schema registry";
  private static final String REGISTRY_REMEDY =
      "start it, correct schema-registry.url and what is by it, or set format.values: json";
  private static final String TRANSACTION_VERSION = "transaction.version";

  private final MillraceConfiguration configuration;

  public NeighbourChecks(MillraceConfiguration configuration) {
    this.configuration = configuration;
  }

  public List<Finding> run() throws InterruptedException {
    List<Finding> findings = new ArrayList<>(kafka());
    findings.addAll(registry());
    return findings;
  }

  private List<Finding> kafka() throws InterruptedException {
    Map<String, Object> properties = new HashMap<>(configuration.kafka());
    properties.keySet().retainAll(AdminClientConfig.configNames());
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, configuration.bootstrapServers());
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    var servers = configuration.bootstrapServers();
    try (var admin = Admin.create(properties)) {
      // First who may do what: to look at topics is one of the things to be allowed.
      var access = access(admin);
      List<Finding> findings = new ArrayList<>(List.of(brokers(admin, servers), access));
      if (!(access instanceof Broken)) {
        findings.add(transactions(admin));
        findings.add(topics(admin));
        findings.addAll(settings(admin));
      }
      return findings;
    } catch (ExecutionException | KafkaException e) {
      return List.of(
          new Broken(
              "brokers",
              "%s: %s".formatted(servers, Reason.of(e)),
              BrokerRefusals.explain(e)
                  .orElse(
                      "start Kafka, or correct kafka.bootstrap.servers and"
                          + " kafka.security.protocol")));
    }
  }

  private static Finding brokers(Admin admin, String servers)
      throws ExecutionException, InterruptedException {
    int nodes = admin.describeCluster().nodes().get().size();
    return new Fine("brokers", "%s, %d in the cluster".formatted(servers, nodes));
  }

  private Finding access(Admin admin) {
    var missing = new AccessCheck(admin, configuration).missing();
    return missing.isEmpty()
        ? new Fine("access", "nothing that is known to be needed is refused")
        : new Broken(
            "access",
            "this user may not do all that a processor does",
            missing.stream()
                .map(MissingAccess::remedy)
                .collect(Collectors.joining("%n%33s".formatted(""))));
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
    var check = new TopicCheck(admin, configuration.topics());
    var found = check.partitionCounts();
    try {
      check.checkPartitions(found);
    } catch (PartitionMismatchException e) {
      return new Broken(
          "topics",
          String.valueOf(e.getMessage()),
          "make the one with fewer again, or add partitions with kafka-topics.sh --alter");
    }
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

  /** Whether the settings go together, and with those of topics and brokers. */
  private List<Finding> settings(Admin admin) {
    var compared = new BrokerLimits(admin, configuration).compare();
    List<Finding> findings = new ArrayList<>();
    compared
        .refusals()
        .forEach(unsafe -> findings.add(new Broken(SETTINGS, unsafe.reason(), unsafe.mend())));
    Stream.concat(UnsafeSettings.warnings(configuration).stream(), compared.warnings().stream())
        .forEach(unsafe -> findings.add(new Doubtful(SETTINGS, unsafe.toString())));
    if (!compared.unseen().isEmpty()) {
      findings.add(
          new Doubtful(
              SETTINGS,
              "of %s: not compared, as this user may not see them; allow it DescribeConfigs"
                  .formatted(String.join(", ", compared.unseen()))));
    }
    return findings.isEmpty()
        ? List.of(new Fine(SETTINGS, "go together, and with those of topics and brokers"))
        : findings;
  }

  /** One finding for each address: the serdes ask the next one if one does not answer. */
  private List<Finding> registry() {
    if (configuration.format().values() == ValueFormat.JSON) {
      return List.of(new Fine(REGISTRY, "not needed: values are JSON"));
    }
    Map<String, Object> properties = new HashMap<>(ConfiguredFormat.serdeProperties(configuration));
    properties.put(RegistryConfig.MAX_RETRIES, 0);
    RegistryConfig config;
    try {
      config = RegistryConfig.of(properties);
    } catch (ConfigException e) {
      return List.of(new Broken(REGISTRY, String.valueOf(e.getMessage()), REGISTRY_REMEDY));
    }
    var findings = config.urls().stream().map(url -> registry(config.only(url))).toList();
    return findings.stream().noneMatch(Fine.class::isInstance)
        ? findings
        : findings.stream().map(NeighbourChecks::replaceable).toList();
  }

  private Finding registry(RegistryConfig config) {
    try {
      SharedRegistries.acquire(config).latest(configuration.topics().promptsTopic() + "-value");
      return new Fine(REGISTRY, config.addresses());
    } catch (SubjectNotFound e) {
      return new Fine(REGISTRY, config.addresses() + ", no schema of a prompt yet");
    } catch (SchemaRegistryException | ConfigException e) {
      return new Broken(REGISTRY, String.valueOf(e.getMessage()), REGISTRY_REMEDY);
    } finally {
      SharedRegistries.release(config);
    }
  }

  private static Finding replaceable(Finding finding) {
    return finding instanceof Broken(var subject, var detail, _)
        ? new Doubtful(subject, detail + " Another address answers.")
        : finding;
  }
}
