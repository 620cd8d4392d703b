package io.millrace.cli.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.ProviderOption;
import io.millrace.runtime.export.comparison.ComparisonReport;
import io.millrace.runtime.export.comparison.DialogueFile;
import io.millrace.runtime.export.comparison.ModelComparison;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how far a model is from a reference. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Leads two models through the same replies, token by token, and compares what each"
          + " finds likely: perplexity, and how often both would go on the same way. The first runs"
          + " on the CPU, the second where --provider says.",
      ""
    })
final class CompareCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      paramLabel = "REFERENCE",
      description = "Model directory to compare with, such as an fp32 export.")
  private Path reference;

  @Parameters(index = "1", paramLabel = "OTHER", description = "Model directory to judge.")
  private Path other;

  @Option(
      names = "--dialogues",
      required = true,
      paramLabel = "FILE",
      description =
          "Dialogues, one JSON object a line: messages, of which the last is the assistant's, or"
              + " the assistant's reply at the key reference.")
  private Path dialogues;

  @Mixin private ProviderOption provider;

  @Option(names = "--json", description = "One line of JSON instead of the table.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    var report =
        ModelComparison.compare(
            reference,
            other,
            provider.settings(),
            DialogueFile.read(dialogues),
            done -> System.err.printf("%d dialogues compared%n", done));
    if (json) {
      System.out.println(json(report));
    } else {
      print(report);
    }
    return 0;
  }

  private static String json(ComparisonReport report) throws JsonProcessingException {
    var mapper = new ObjectMapper();
    var object =
        mapper
            .createObjectNode()
            .put("dialogues", report.dialogues())
            .put("tokens", report.tokens())
            .put("greedy_agreement", report.greedyAgreement())
            .put("mean_logits_error", report.meanLogitsError())
            .put("largest_logits_error", report.largestLogitsError())
            .put("reference_perplexity", report.referencePerplexity())
            .put("perplexity", report.perplexity());
    return mapper.writeValueAsString(object);
  }

  private static void print(ComparisonReport report) {
    System.out.printf(
        "dialogues            %,d (%,d tokens of replies)%n", report.dialogues(), report.tokens());
    System.out.printf("reference perplexity %.4f%n", report.referencePerplexity());
    System.out.printf(
        "perplexity           %.4f (%+.2f %%)%n",
        report.perplexity(), 100 * report.perplexityIncrease());
    System.out.printf("greedy agreement     %.2f %%%n", 100 * report.greedyAgreement());
    System.out.printf(
        "error of the logits  %.2e, at most %.2e of their norm%n",
        report.meanLogitsError(), report.largestLogitsError());
  }
}
