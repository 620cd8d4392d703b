package io.millrace.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** How much is logged; of Millrace itself, unless {@code MILLRACE_LOG} says otherwise. */
final class Logging {

  private Logging() {}

  /** For commands that run for long: what Millrace does, and what worries Kafka. */
  static void tellProgress() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      if (System.getenv("MILLRACE_LOG") == null) {
        context.getLogger("io.millrace").setLevel(Level.INFO);
      }
      context.getLogger("org.apache.kafka").setLevel(Level.WARN);
    }
  }
}
