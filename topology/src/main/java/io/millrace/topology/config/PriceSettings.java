package io.millrace.topology.config;

/** What a model's tokens cost, in millionths of a currency. */
public record PriceSettings(
    @Setting(value = "For a million prompt tokens.", otherwise = "0", min = 0)
        long promptMicrosPerMillion,
    @Setting(value = "For a million completion tokens.", otherwise = "0", min = 0)
        long completionMicrosPerMillion) {

  private static final long MILLION = 1_000_000;

  /** No charge. */
  public static final PriceSettings FREE = new PriceSettings(0, 0);

  /** The cost of one prompt in millionths, rounded half up. */
  public long costMicros(int promptTokens, int completionTokens) {
    long total =
        promptMicrosPerMillion * promptTokens + completionMicrosPerMillion * completionTokens;
    return (total + MILLION / 2) / MILLION;
  }
}
