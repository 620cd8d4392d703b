package io.millrace.system.faults;

import io.millrace.system.faults.agent.StepFaultAgent;
import io.millrace.system.faults.agent.StepFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes steps of the model fail in one processor's JVM, from the test's. */
final class StepFaultSwitch {

  private static final String CLASS = ".class";
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final Path agent;
  private final Path file;

  /**
   * @param agent as {@link #packAgent} made it
   * @param file the way to the other JVM
   */
  StepFaultSwitch(Path agent, Path file) {
    this.agent = agent;
    this.file = file;
  }

  /** Packs the Java agent. */
  static Path packAgent(Path directory) throws IOException {
    var jar = directory.resolve("step-faults.jar");
    var manifest = new Manifest();
    var attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", StepFaultAgent.class.getName());
    var packageName = StepFaultAgent.class.getPackageName().replace('.', '/');
    var classes =
        Path.of(StepFaultAgent.class.getProtectionDomain().getCodeSource().getLocation().getPath())
            .resolve(packageName);
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        var files = Files.list(classes)) {
      for (var one : files.filter(path -> path.toString().endsWith(CLASS)).toList()) {
        out.putNextEntry(new JarEntry(packageName + "/" + one.getFileName()));
        out.write(Files.readAllBytes(one));
      }
    }
    return jar;
  }

  /** Option of the JVM that it works on. */
  String option() {
    return "-javaagent:" + agent + "=" + file;
  }

  /** Has the next steps fail. */
  void set(StepFaults.Kind kind, int steps) throws IOException {
    var next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, kind + " " + steps);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Has none fail any more. Returns false if one has been told already. */
  boolean withdraw() throws IOException {
    return Files.deleteIfExists(file);
  }

  /** Waits until one has been told, but not for longer than this. */
  void awaitTakenFor(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (Files.exists(file) && System.nanoTime() < end) {
      Thread.sleep(LOOK_EVERY);
    }
  }
}
