package io.millrace.runtime.bench;

import java.util.OptionalDouble;

/**
 * What was measured of one model at one batch size, over all rows.
 *
 * @param model name of the model's directory
 * @param batch rows decoded together
 * @param engineDecode of the engine, from first token to last
 * @param bareDecode of a bare loop over the same file
 * @param enginePrefill of the engine, one row at a time
 * @param barePrefill of a bare loop
 * @param decodeLimit tokens per second that the memory of the GPU would allow, if on one
 * @param openSeconds until the engine was ready
 */
public record EngineMeasurement(
    String model,
    int batch,
    Speeds engineDecode,
    Speeds bareDecode,
    Speeds enginePrefill,
    Speeds barePrefill,
    OptionalDouble decodeLimit,
    double openSeconds) {

  /** Share of the bare loop's speed that the engine reaches. */
  public double decodeRatio() {
    return engineDecode.medianRatioTo(bareDecode);
  }

  /** Share of the bare loop's speed that the engine reaches. */
  public double prefillRatio() {
    return enginePrefill.medianRatioTo(barePrefill);
  }
}
