package io.millrace.monitoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much memory this process holds and has held, native memory included. */
public final class ProcessMemory {

  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /**
   * Peak resident set size in bytes; empty where the system does not tell (it is Linux that does).
   */
  public static OptionalLong peakResidentBytes() {
    return read("VmHWM:");
  }

  /** Resident set size in bytes; empty where the system does not tell. */
  public static OptionalLong residentBytes() {
    return read("VmRSS:");
  }

  private static OptionalLong read(String key) {
    if (!Files.isReadable(STATUS)) {
      return OptionalLong.empty();
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(key))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
