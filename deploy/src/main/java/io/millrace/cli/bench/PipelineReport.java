package io.millrace.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How the whole pipeline compares with the engine alone.
 *
 * @param bare turns of the engine alone
 * @param whole those of the pipeline, each beside the one of the same number; as many
 */
record PipelineReport(List<Turn> bare, List<Turn> whole) {

  /** What the pipeline leaves of its neighbour's throughput, turn by turn. */
  private List<Double> shares() {
    return IntStream.range(0, bare.size())
        .mapToObj(turn -> whole.get(turn).tokensPerSecond() / bare.get(turn).tokensPerSecond())
        .toList();
  }

  ObjectNode json() {
    var object =
        new ObjectMapper()
            .createObjectNode()
            .put("engine_tokens_per_second", median(bare, Turn::tokensPerSecond))
            .put("pipeline_tokens_per_second", median(whole, Turn::tokensPerSecond))
            .put("share", median(shares(), Double::doubleValue))
            .put("engine_cores", median(bare, Turn::cores))
            .put("pipeline_cores", median(whole, Turn::cores))
            .put("broker_cores", median(whole, Turn::brokerCores));
    var all = object.putArray("shares");
    shares().forEach(all::add);
    return object;
  }

  /** Two lines. */
  String text() {
    var shares =
        shares().stream()
            .map(share -> String.format(Locale.ROOT, "%.1f", 100 * share))
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "engine alone %.1f tokens/s, the whole pipeline %.1f; median of %d turns, each against its"
            + " neighbour: %.1f %% (%s)%n"
            + "cores busy: engine alone %.2f; in the pipeline %.2f, and %.2f of the broker%n",
        median(bare, Turn::tokensPerSecond),
        median(whole, Turn::tokensPerSecond),
        bare.size(),
        100 * median(shares(), Double::doubleValue),
        shares,
        median(bare, Turn::cores),
        median(whole, Turn::cores),
        median(whole, Turn::brokerCores));
  }

  /** The upper one of two in the middle. */
  private static <T> double median(List<T> all, ToDoubleFunction<T> figure) {
    return all.stream().mapToDouble(figure).sorted().skip(all.size() / 2).findFirst().orElseThrow();
  }
}
