package io.millrace.runtime.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * How many threads a step on the CPU has.
 *
 * <p>Left to itself ONNX Runtime takes one per core and pins all but the caller's to a core each.
 * Whatever else runs on such a core, a Kafka thread or the thread that waits for the step itself,
 * then holds up the step, though other cores may be idle; and several sessions pin theirs to the
 * same cores. Told a number, it pins none.
 */
public final class StepThreads {

  private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu");

  /** Distinct contents are distinct cores: processors of one core list each other. */
  private static final String CORE = "topology/thread_siblings_list";

  private StepThreads() {}

  /**
   * The number to tell ONNX Runtime.
   *
   * @param wanted 0 for one per core, as far as this process may use them
   */
  public static int of(int wanted) {
    return wanted > 0 ? wanted : coresOf(PROCESSORS, Runtime.getRuntime().availableProcessors());
  }

  /** Where the cores cannot be counted, every processor is taken for one. */
  static int coresOf(Path processors, int usable) {
    try (var entries = Files.newDirectoryStream(processors, "cpu[0-9]*")) {
      Set<String> cores =
          StreamSupport.stream(entries.spliterator(), false)
              .map(processor -> processor.resolve(CORE))
              .filter(Files::isReadable)
              .map(StepThreads::read)
              .collect(Collectors.toSet());
      return cores.isEmpty() ? usable : Math.min(cores.size(), usable);
    } catch (IOException | UncheckedIOException unreadable) {
      return usable;
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
