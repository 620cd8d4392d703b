package io.millrace.runtime.session;

import ai.onnxruntime.OrtEnvironment;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/**
 * The one ONNX Runtime of the process, with its telemetry off. Whoever needs the environment gets
 * it here.
 *
 * <p>Since 1.29 the published builds for Linux report to their vendor when the environment is made,
 * and parse the process's command line for that with a recursion that overflows the stack: a JVM
 * with a class path of a few thousand characters dies of SIGSEGV. The library looks at one variable
 * of the C environment, which Java cannot set but the C library can.
 */
public final class OnnxRuntime {

  private static final String TELEMETRY_SWITCH = "ORT_DISABLE_TELEMETRY";

  static {
    disableTelemetry();
  }

  private OnnxRuntime() {}

  public static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment();
  }

  private static void disableTelemetry() {
    var linker = Linker.nativeLinker();
    var function = linker.defaultLookup().find("setenv");
    if (function.isEmpty()) {
      // Windows, where there is no such function, and telemetry goes by the system's own settings.
      return;
    }
    var setenv =
        linker.downcallHandle(
            function.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (var arena = Arena.ofConfined()) {
      int overwrite = 1;
      int status =
          (int)
              setenv.invokeExact(
                  arena.allocateFrom(TELEMETRY_SWITCH), arena.allocateFrom("1"), overwrite);
      if (status != 0) {
        throw new IllegalStateException(TELEMETRY_SWITCH + " could not be set");
      }
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new IllegalStateException("setenv throws nothing", impossible);
    }
  }
}
