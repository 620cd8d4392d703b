package io.millrace.runtime.session;

import io.millrace.runtime.model.GenAiConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Which of a model's ONNX Runtime configuration entries apply on this machine. */
public final class SessionEntries {

  /**
   * Makes 8-bit weights unsigned, for processors that add signed products in 16 bits and overflow.
   * ONNX Runtime also does it where AMX is present, which needs it no more than VNNI does and then
   * misses its signed kernel, so it is left out where either is.
   */
  private static final String UNSIGNED_WEIGHTS = "session.x64quantprecision";

  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private static final boolean ADDS_IN_32_BITS = addsIn32Bits();

  private SessionEntries() {}

  /** The entries to set, in a map of the caller's own. */
  public static Map<String, String> of(GenAiConfig config) {
    Map<String, String> entries = new HashMap<>(config.sessionEntries());
    if (ADDS_IN_32_BITS) {
      entries.remove(UNSIGNED_WEIGHTS);
    }
    return entries;
  }

  private static boolean addsIn32Bits() {
    try {
      return Files.isReadable(PROCESSORS) && Files.readString(PROCESSORS).contains("vnni");
    } catch (IOException unreadable) {
      // Then the model's own word counts.
      return false;
    }
  }
}
