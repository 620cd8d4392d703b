package io.millrace.runtime.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
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

  private static final Path STATUS = Path.of("/proc/self/status");

  private static final String ALLOWED = "Cpus_allowed_list:";

  private StepThreads() {}

  /**
   * The number to tell ONNX Runtime.
   *
   * @param wanted 0 for one per core, as far as this process may use them
   */
  public static int of(int wanted) {
    int usable = Runtime.getRuntime().availableProcessors();
    return wanted > 0 ? wanted : coresOf(PROCESSORS, allowed(), usable);
  }

  /**
   * Counts cores; where they cannot be counted, every processor is taken for one.
   *
   * @param allowed numbers of processors that the process may run on
   * @param usable how many processors' worth of time it may use
   */
  static int coresOf(Path processors, IntPredicate allowed, int usable) {
    try (var entries = Files.newDirectoryStream(processors, "cpu[0-9]*")) {
      Set<String> cores =
          StreamSupport.stream(entries.spliterator(), false)
              .filter(processor -> allowed.test(number(processor)))
              .map(processor -> processor.resolve(CORE))
              .filter(Files::isReadable)
              .map(StepThreads::read)
              .collect(Collectors.toSet());
      return cores.isEmpty() ? usable : Math.min(cores.size(), usable);
    } catch (IOException | UncheckedIOException unreadable) {
      return usable;
    }
  }

  private static int number(Path processor) {
    return Integer.parseInt(processor.getFileName().toString().substring("cpu".length()));
  }

  private static IntPredicate allowed() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(ALLOWED))
          .findFirst()
          .map(line -> in(line.substring(ALLOWED.length()).strip()))
          .orElse(processor -> true);
    } catch (IOException notLinux) {
      return processor -> true;
    }
  }

  /** Whether a number is in a list such as {@code 0-3,8,10-11}. */
  static IntPredicate in(String list) {
    List<String[]> ranges =
        Arrays.stream(list.split(",", -1)).map(range -> range.split("-", 2)).toList();
    return number ->
        ranges.stream()
            .anyMatch(
                range ->
                    number >= Integer.parseInt(range[0])
                        && number <= Integer.parseInt(range[range.length - 1]));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
