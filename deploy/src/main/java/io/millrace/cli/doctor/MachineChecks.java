package io.millrace.cli.doctor;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.cli.doctor.Finding.Broken;
import io.millrace.cli.doctor.Finding.Doubtful;
import io.millrace.cli.doctor.Finding.Fine;
import io.millrace.runtime.engine.EngineSettings;
import io.millrace.runtime.engine.InferenceEngines;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.session.ExecutionProvider;
import io.millrace.runtime.session.ProviderFit;
import io.millrace.runtime.session.ProviderFit.Misfit;
import io.millrace.runtime.session.ProviderSettings;
import io.millrace.runtime.session.SessionSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import org.rocksdb.RocksDB;

/** Checks of this machine: Java, native libraries, a model. */
public final class MachineChecks {

  private static final int NEEDED_RELEASE = 25;
  private static final String NATIVE_REMEDY =
      "use a 64-bit Linux (glibc), macOS or Windows, and a temporary directory (-Djava.io.tmpdir)"
          + " that is not mounted noexec";

  private static final String MODEL = "model";
  private static final String MODEL_REMEDY = "make one with: millrace models export CHECKPOINT DIR";

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

  /** Loads the model on the CPU, with room for one short prompt. */
  public static Finding model(Path directory) {
    return model(directory, ProviderSettings.CPU);
  }

  /**
   * Loads the model with room for one short prompt, on the provider that a processor would take.
   * TensorRT is passed over: it would build for minutes what a processor builds anew for its own
   * number of slots.
   */
  public static Finding model(Path directory, ProviderSettings wanted) {
    var order = new ArrayList<>(wanted.order());
    order.remove(ExecutionProvider.TENSORRT);
    return order.isEmpty()
        ? unloadedModel(directory, wanted, "TensorRT builds for minutes (millrace models warm)")
        : loaded(directory, new ProviderSettings(order, wanted.device(), wanted.engineCache()));
  }

  /**
   * Checks of the model what can be checked without loading it.
   *
   * @param why it is not loaded
   */
  public static Finding unloadedModel(Path directory, ProviderSettings wanted, String why) {
    try {
      var model = ModelDirectory.load(directory);
      return misfit(model, wanted)
          .<Finding>map(
              misfit ->
                  new Broken(
                      MODEL,
                      "%s: %s: %s".formatted(directory, misfit.provider().label(), misfit.reason()),
                      misfit.remedy()))
          .orElseGet(
              () ->
                  new Fine(
                      MODEL,
                      "%s: %s; not loaded: %s"
                          .formatted(directory, model.config().architecture(), why)));
    } catch (ModelException e) {
      return new Broken(MODEL, String.valueOf(e.getMessage()), MODEL_REMEDY);
    }
  }

  private static Finding loaded(Path directory, ProviderSettings provider) {
    var session = new SessionSettings(1, 64, 64, 0, false, provider);
    var settings = EngineSettings.of(session, 1);
    try (var engine = InferenceEngines.open(directory, settings, new SimpleMeterRegistry())) {
      var model = engine.model();
      return new Fine(
          MODEL,
          "%s: %s, %,d token ids, on %s"
              .formatted(
                  directory, model.architecture(), model.vocabularySize(), model.provider()));
    } catch (ModelException e) {
      return new Broken(MODEL, String.valueOf(e.getMessage()), remedy(directory, provider));
    } catch (RuntimeException | LinkageError e) {
      return new Broken(MODEL, "cannot be loaded: " + Reason.of(e), NATIVE_REMEDY);
    }
  }

  /** How to make a model that can be used: for the wanted provider, if the one here is not. */
  private static String remedy(Path directory, ProviderSettings wanted) {
    try {
      return misfit(ModelDirectory.load(directory), wanted)
          .map(Misfit::remedy)
          .orElse(MODEL_REMEDY);
    } catch (ModelException unreadable) {
      return MODEL_REMEDY;
    }
  }

  /** What keeps the model off the first of the providers, if it keeps off all. */
  private static Optional<Misfit> misfit(ModelDirectory model, ProviderSettings wanted) {
    var misfits =
        wanted.order().stream()
            .flatMap(provider -> ProviderFit.misfit(model, provider).stream())
            .toList();
    return misfits.size() == wanted.order().size()
        ? Optional.of(misfits.getFirst())
        : Optional.empty();
  }
}
