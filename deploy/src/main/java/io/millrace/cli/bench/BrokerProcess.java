package io.millrace.cli.bench;

import io.millrace.cli.CommandException;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The embedded broker in a JVM of its own, so that it does not share this one's pauses. */
final class BrokerProcess implements AutoCloseable {

  private static final String READY = "ready ";

  private final Process process;
  private final String bootstrapServers;

  private BrokerProcess(Process process, String bootstrapServers) {
    this.process = process;
    this.bootstrapServers = bootstrapServers;
  }

  /** Starts it with this JVM's own class path and options and waits until it takes connections. */
  static BrokerProcess start(Path directory) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "io.millrace.cli.Millrace",
            "broker",
            "--data",
            directory.resolve("broker").toString()));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var output = new BufferedReader(process.inputReader(StandardCharsets.UTF_8));
    var line = output.readLine();
    if (line == null || !line.startsWith(READY)) {
      process.destroyForcibly();
      throw new CommandException("the broker did not start: " + line);
    }
    return new BrokerProcess(process, line.substring(READY.length()));
  }

  String bootstrapServers() {
    return bootstrapServers;
  }

  /** Processor time that it has used so far. */
  Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
