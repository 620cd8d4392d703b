package io.millrace.runtime.export;

/** Hears how an export goes on, from the thread that exports. */
@FunctionalInterface
public interface ExportListener {

  /** Hears nothing. */
  ExportListener SILENT = (_, _) -> {};

  /**
   * A decoder layer is written.
   *
   * @param done layers written so far
   * @param total layers of the model
   */
  void layerDone(int done, int total);
}
