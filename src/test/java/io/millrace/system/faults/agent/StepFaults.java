package io.millrace.system.faults.agent;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Has steps of the model fail, in the processor's own JVM. A file says how: a {@link Kind} and for
 * how many steps. It is gone once the first of them has begun.
 */
public final class StepFaults {

  /** What is to happen to a step. */
  public enum Kind {
    /** It fails at once. */
    THROWS,
    /** It computes until it is told to stop. */
    HANGS,
    /** It does not stop even then. */
    STICKS
  }

  private static final long LOOK_EVERY_NANOS = 10_000_000;

  private static @Nullable Path file;
  private static Kind kind = Kind.THROWS;
  private static int left;
  private static volatile boolean interrupted;

  private StepFaults() {}

  static void readFrom(Path path) {
    file = path;
  }

  /** Called by the engine's thread before each step. */
  public static void beforeStep() throws OrtException {
    interrupted = false;
    if (left == 0) {
      read();
    }
    if (left == 0) {
      return;
    }
    left--;
    System.err.println("A step of the model " + kind + " for the test");
    switch (kind) {
      case THROWS -> throw new OrtException(OrtErrorCode.ORT_FAIL, "made to fail by the test");
      case HANGS -> {
        while (!interrupted) {
          LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
        throw new OrtException(OrtErrorCode.ORT_FAIL, "Exiting due to terminate flag");
      }
      case STICKS -> {
        while (true) {
          LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
      }
    }
  }

  private static void read() {
    if (file == null || !Files.exists(file)) {
      return;
    }
    try {
      var words = Files.readString(file).strip().split(" ", -1);
      Files.delete(file);
      kind = Kind.valueOf(words[0]);
      left = Integer.parseInt(words[1]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Called by the watchdog when a step has taken too long. */
  public static void interrupted() {
    interrupted = true;
  }
}
