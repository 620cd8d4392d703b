package io.millrace.cli.doctor;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.cli.doctor.Finding.Broken;
import io.millrace.cli.doctor.Finding.Doubtful;
import io.millrace.cli.doctor.Finding.Fine;
import io.millrace.runtime.engine.EngineSettings;
import io.millrace.runtime.engine.InferenceEngines;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.session.SessionSettings;
import java.nio.file.Path;
import org.rocksdb.RocksDB;

/** Checks of this machine: Java, native libraries, a model. */
public final class MachineChecks {

  private static final int NEEDED_RELEASE = 25;
  private static final String NATIVE_REMEDY =
      "use a 64-bit Linux (glibc), macOS or Windows, and a temporary directory (-Djava.io.tmpdir)"
          + " that is not mounted noexec";

  private MachineChecks() {}

  public static Finding java() {
    var version = Runtime.version();
    var detail = "%s, %s".formatted(version, System.getProperty("java.vendor"));
    if (version.feature() < NEEDED_RELEASE) {
      return new Broken("java", detail, "install a JDK 25 or later");
    }
    return System.getProperty("os.arch", "").contains("64")
        ? new Fine("java", detail)
        : new Doubtful("java", detail + ", not 64-bit");
  }

  public static Finding onnxRuntime() {
    try {
      return new Fine("onnx runtime", InferenceEngines.checkNativeLibraries());
    } catch (RuntimeException | LinkageError e) {
      return new Broken("onnx runtime", Reason.of(e), NATIVE_REMEDY);
    }
  }

  /** The store of prompts in flight. */
  public static Finding rocksDb() {
    try {
      RocksDB.loadLibrary();
      return new Fine("rocksdb", RocksDB.rocksdbVersion().toString());
    } catch (RuntimeException | LinkageError e) {
      return new Broken("rocksdb", Reason.of(e), NATIVE_REMEDY);
    }
  }

  /** Loads the model, with room for one short prompt. */
  public static Finding model(Path directory) {
    var settings = EngineSettings.of(new SessionSettings(1, 64, 64, 0, false), 1);
    try (var engine = InferenceEngines.open(directory, settings, new SimpleMeterRegistry())) {
      var model = engine.model();
      return new Fine(
          "model",
          "%s: %s, %,d token ids, on %s"
              .formatted(
                  directory, model.architecture(), model.vocabularySize(), model.provider()));
    } catch (ModelException e) {
      return new Broken(
          "model",
          String.valueOf(e.getMessage()),
          "make one with: millrace models export CHECKPOINT DIR");
    } catch (RuntimeException | LinkageError e) {
      return new Broken("model", "cannot be loaded: " + Reason.of(e), NATIVE_REMEDY);
    }
  }
}
