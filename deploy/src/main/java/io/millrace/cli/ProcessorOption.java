package io.millrace.cli;

import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Says which processor a command is about: that of a configuration, or the demo that is up. */
public final class ProcessorOption {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The processor's configuration. Without it, that of the demo kept up by demo --keep.")
  private Optional<Path> file;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "Kafka brokers, instead of the configuration's.")
  private Optional<String> bootstrapServers;

  @Option(
      names = "--registry",
      paramLabel = "URL",
      description = "Schema registry, instead of the configuration's.")
  private Optional<String> registryUrl;

  /** Whether there is a processor to speak of. */
  boolean isNamed() {
    return find().isPresent() || bootstrapServers.isPresent();
  }

  /** The file to read, if one was given or a demo is up. */
  Optional<Path> find() {
    return file.or(() -> new KeptDemo(System.getenv()).find());
  }

  /** What to do if no broker answers. */
  String remedy() {
    var kept = new KeptDemo(System.getenv());
    return file.isEmpty() && bootstrapServers.isEmpty() && kept.find().isPresent()
        ? "was a demo killed? Then delete " + kept.file()
        : "start it, or correct kafka.bootstrap.servers and the security settings by it";
  }

  /**
   * Reads the configuration.
   *
   * @throws CommandException if there is none to read
   */
  public MillraceConfiguration configuration() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    bootstrapServers.ifPresent(value -> environment.put("MILLRACE_KAFKA_BOOTSTRAP_SERVERS", value));
    registryUrl.ifPresent(value -> environment.put("MILLRACE_SCHEMA_REGISTRY_URL", value));
    var found = find();
    if (found.isPresent()) {
      return MillraceConfiguration.load(found.get(), environment);
    }
    if (bootstrapServers.isPresent()) {
      // Clients of a processor need its addresses and topics, not its model.
      return MillraceConfiguration.parse("model.directory: none", environment);
    }
    throw new CommandException(
        "no demo is up. Start one with: millrace demo --keep; or name a configuration with"
            + " --config, or brokers with --bootstrap and a registry with --registry");
  }
}
