package io.millrace.runtime.bench;

/**
 * The medians for one model and batch size, in tokens per second over all rows.
 *
 * @param model name of the model's directory
 * @param batch rows decoded together
 * @param engineDecode of the engine, from first token to last
 * @param bareDecode of a bare loop over the same file
 * @param enginePrefill of the engine, one row at a time
 * @param barePrefill of a bare loop
 */
public record EngineMeasurement(
    String model,
    int batch,
    double engineDecode,
    double bareDecode,
    double enginePrefill,
    double barePrefill) {

  /** Share of the bare loop's speed that the engine reaches. */
  public double decodeRatio() {
    return engineDecode / bareDecode;
  }

  /** Share of the bare loop's speed that the engine reaches. */
  public double prefillRatio() {
    return enginePrefill / barePrefill;
  }
}
