package io.millrace.runtime.device;

import java.util.Locale;

/** What the JVM runs on. */
final class OperatingSystem {

  private OperatingSystem() {}

  static boolean isLinux() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
  }
}
