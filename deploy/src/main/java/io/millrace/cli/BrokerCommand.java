package io.millrace.cli;

import io.millrace.local.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the embedded broker in a JVM of its own, for benchmarks and for tests that break things. */
@Command(
    name = "broker",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Runs a local one-node Kafka broker until it is stopped.")
final class BrokerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      defaultValue = "0",
      description = "Port to listen on; 0, the default, takes a free one.")
  private int port;

  @Option(
      names = "--data",
      required = true,
      description = "Directory of the log; a broker started on it again goes on from there.")
  private Path data;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A broker's property; stronger than those that it has here.")
  private Map<String, String> properties = Map.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (var signal = new StopSignal();
        var broker = EmbeddedBroker.start(data, port, properties)) {
      var out = spec.commandLine().getOut();
      out.println("ready " + broker.bootstrapServers());
      out.flush();
      signal.await();
    }
    return 0;
  }
}
