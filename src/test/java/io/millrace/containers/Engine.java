package io.millrace.containers;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The container engine of this machine, by its command line. */
final class Engine {

  static final String IMAGE = "millrace:test";

  private static final Path ROOT =
      Path.of(System.getProperty("basedir", "deploy")).toAbsolutePath().resolve("..").normalize();
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(20);
  private static final Duration BUILD_WITHIN = Duration.ofMinutes(4);

  private Engine() {}

  /** Whether one runs; says so if not. For {@code @EnabledIf}. */
  static boolean isRunning() throws InterruptedException {
    if (Boolean.getBoolean("containers.skip")) {
      System.out.println("SKIPPED container tests: containers.skip is set.");
      return false;
    }
    boolean running;
    try {
      running = run(ANSWER_WITHIN, "version", "--format", "{{.Server.Version}}") == 0;
    } catch (IOException notInstalled) {
      running = false;
    }
    if (!running) {
      System.out.println("SKIPPED container tests: no container engine runs (docker version).");
    }
    return running;
  }

  /** Builds the product's image from what Maven has packaged. */
  static void buildImage() throws IOException, InterruptedException {
    int code = run(BUILD_WITHIN, "build", "-q", "-f", "deploy/Dockerfile", "-t", IMAGE, ".");
    if (code != 0) {
      throw new AssertionError(
          "docker build ended with %d; see %s. Where no image can be pulled, run"
                  .formatted(code, log())
              + " src/test/containers/base-images.sh before.");
    }
  }

  private static Path log() {
    return ROOT.resolve(Path.of("deploy", "target", "docker.log"));
  }

  private static int run(Duration within, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .directory(ROOT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log().toFile());
    // The classic builder takes a local image for what it is, and asks no registry for it.
    builder.environment().put("DOCKER_BUILDKIT", "0");
    var process = builder.start();
    try {
      if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("docker " + arguments[0] + " still runs after " + within);
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
