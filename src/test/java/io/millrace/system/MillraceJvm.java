package io.millrace.system;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The command line in a JVM of its own, as it is packaged, so that it can be killed. */
public final class MillraceJvm implements AutoCloseable {

  /** Of the deploy module; the build's test runner sets it. */
  private static final Path MODULE = Path.of(System.getProperty("basedir", "deploy"));

  private static final Duration START_WITHIN = Duration.ofMinutes(2);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);

  private final Process process;
  private final Path output;
  private final Path errors;

  private MillraceJvm(Process process, Path output, Path errors) {
    this.process = process;
    this.output = output;
    this.errors = errors;
  }

  /** The root of the checkout. */
  static Path home() {
    return MODULE.toAbsolutePath().resolve("..").normalize();
  }

  /**
   * Starts a command; what it writes goes to files in the directory.
   *
   * @param name of those files
   */
  public static MillraceJvm start(Path directory, String name, String... arguments)
      throws IOException {
    return start(directory, name, List.of(), arguments);
  }

  /**
   * As {@link #start(Path, String, String...)}.
   *
   * @param options of the JVM, on top of those that all have
   */
  static MillraceJvm start(Path directory, String name, List<String> options, String... arguments)
      throws IOException {
    return start(directory, name, options, Map.of(), arguments);
  }

  /**
   * As {@link #start(Path, String, List, String...)}.
   *
   * @param environment variables on top of those of the test
   */
  public static MillraceJvm start(
      Path directory,
      String name,
      List<String> options,
      Map<String, String> environment,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dmillrace.home=" + home(),
            // What a killed process leaves there goes with the test's directory.
            "-Djava.io.tmpdir=" + directory));
    command.addAll(options);
    command.addAll(
        List.of(
            "-cp",
            MODULE.resolve("target").resolve("millrace").resolve("lib") + "/*",
            "io.millrace.cli.Millrace"));
    command.addAll(List.of(arguments));
    return startCommand(directory, name, environment, command);
  }

  /** Starts a command as a user does, through the launcher; else as {@link #start}. */
  static MillraceJvm launch(Path directory, String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(home().resolve("millrace").toString());
    command.addAll(List.of(arguments));
    return startCommand(directory, name, Map.of(), command);
  }

  private static MillraceJvm startCommand(
      Path directory, String name, Map<String, String> environment, List<String> command)
      throws IOException {
    var output = directory.resolve(name + ".out");
    var errors = directory.resolve(name + ".err");
    var builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    // What a developer keeps up or sets must not reach the tests.
    builder.environment().keySet().removeIf(variable -> variable.startsWith("MILLRACE_"));
    builder.environment().putAll(environment);
    builder.environment().put("XDG_STATE_HOME", directory.toString());
    builder.environment().put("MILLRACE_JAVA_HOME", System.getProperty("java.home"));
    return new MillraceJvm(builder.start(), output, errors);
  }

  /** Its number in the system. */
  public long pid() {
    return process.pid();
  }

  /** Whether it has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has written to standard output so far. */
  public String output() {
    return read(output);
  }

  /** What it has written to standard error so far. */
  public String errors() {
    return read(errors);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Waits until it has started, by a sign of the caller's choice.
   *
   * @throws AssertionError if it ended or did not start in time
   */
  public void awaitStart(BooleanSupplier sign) throws InterruptedException {
    Eventually.await(
        START_WITHIN, () -> sign.getAsBoolean() || !process.isAlive(), () -> "start: " + errors());
    if (!process.isAlive()) {
      throw new AssertionError("ended with " + process.exitValue() + ": " + errors());
    }
  }

  /** SIGKILL: no shutdown hook runs, nothing is flushed. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGSTOP: it stands still, as in a long pause or cut off from everyone, until it goes on. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  public void goOn() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** SIGTERM. Returns the exit code. */
  public int terminate() throws InterruptedException {
    process.destroy();
    return exitCode(STOP_WITHIN);
  }

  /**
   * Waits for its end.
   *
   * @throws AssertionError if it has not ended in time
   */
  public int exitCode(Duration within) throws InterruptedException {
    if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("still running after " + within + "; it wrote: " + errors());
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    // Its files are deleted next.
    process.destroyForcibly().onExit().orTimeout(STOP_WITHIN.toSeconds(), SECONDS).join();
  }
}
