package io.millrace.runtime.session;

import io.millrace.runtime.model.GenAiConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The ONNX Runtime configuration entries of a model's session on this machine. */
public final class SessionEntries {

  /**
   * Makes 8-bit weights unsigned, for x86 processors that add signed products in 16 bits and so
   * saturate. ONNX Runtime also does it where VNNI or AMX is present, which add in 32 bits, and
   * then misses their kernels; so the machine decides, not the model.
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
    } else {
      entries.put(UNSIGNED_WEIGHTS, "1");
    }
    return entries;
  }

  /** Where the processor cannot be asked, the slower and always right way is taken. */
  private static boolean addsIn32Bits() {
    if (!System.getProperty("os.arch").equals("amd64")) {
      return true;
    }
    try {
      return Files.isReadable(PROCESSORS) && Files.readString(PROCESSORS).contains("vnni");
    } catch (IOException unreadable) {
      return false;
    }
  }
}
