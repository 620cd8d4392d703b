package io.millrace.runtime.export.comparison;

import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.prompt.ModelPromptEncoder;
import io.millrace.runtime.session.OnnxDecoder;
import io.millrace.runtime.session.ProviderSettings;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.runtime.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Leads two models through the same replies, token by token, and counts how they differ.
 *
 * <p>Several dialogues are led at once, which changes no figure: rows of a batch are independent.
 */
public final class ModelComparison {

  private static final int ROWS = 16;
  private static final int PREFILL_CHUNK = 256;

  private final OnnxDecoder reference;
  private final OnnxDecoder other;
  private final float[] referenceLogits;
  private final float[] otherLogits;
  private double referenceLoss;
  private double otherLoss;
  private long tokens;
  private long agreeing;
  private double logitsErrors;
  private double largestLogitsError;

  private ModelComparison(OnnxDecoder reference, OnnxDecoder other) {
    this.reference = reference;
    this.other = other;
    this.referenceLogits = new float[reference.vocabularySize()];
    this.otherLogits = new float[other.vocabularySize()];
  }

  /**
   * Compares.
   *
   * @param reference model directory whose tokenizer and chat template are used for both
   * @param other model directory
   * @param otherProvider that it runs on; the reference runs on the CPU
   * @param dialogues at least one
   * @param dialoguesDone told now and then how many are done
   * @throws ComparisonException if the models differ in vocabulary or a dialogue is too long
   */
  public static ComparisonReport compare(
      Path reference,
      Path other,
      ProviderSettings otherProvider,
      List<Dialogue> dialogues,
      IntConsumer dialoguesDone) {
    ModelDirectory referenceModel = ModelDirectory.load(reference);
    ModelDirectory otherModel = ModelDirectory.load(other);
    if (referenceModel.config().vocabularySize() != otherModel.config().vocabularySize()) {
      throw new ComparisonException(
          "the models have vocabularies of %d and %d tokens"
              .formatted(
                  referenceModel.config().vocabularySize(), otherModel.config().vocabularySize()));
    }
    List<ForcedReply> replies = encode(referenceModel, dialogues);
    SessionSettings settings = settings(replies, referenceModel, otherModel);
    try (OnnxDecoder first = OnnxDecoder.open(referenceModel, settings);
        OnnxDecoder second = OnnxDecoder.open(otherModel, settings.on(otherProvider))) {
      return new ModelComparison(first, second).compare(replies, dialoguesDone);
    }
  }

  /** Compares two models on the CPU. */
  public static ComparisonReport compare(
      Path reference, Path other, List<Dialogue> dialogues, IntConsumer dialoguesDone) {
    return compare(reference, other, ProviderSettings.CPU, dialogues, dialoguesDone);
  }

  private ComparisonReport compare(List<ForcedReply> replies, IntConsumer dialoguesDone) {
    // Longest replies first, so that the rows still running are always the first ones.
    List<ForcedReply> ordered =
        replies.stream()
            .sorted(Comparator.comparingInt(ForcedReply::replyLength).reversed())
            .toList();
    for (int start = 0; start < ordered.size(); start += ROWS) {
      int end = Math.min(start + ROWS, ordered.size());
      lead(ordered.subList(start, end));
      dialoguesDone.accept(end);
    }
    return new ComparisonReport(
        replies.size(),
        tokens,
        Math.exp(referenceLoss / tokens),
        Math.exp(otherLoss / tokens),
        agreeing,
        logitsErrors / tokens,
        largestLogitsError);
  }

  private void lead(List<ForcedReply> rows) {
    for (int row = 0; row < rows.size(); row++) {
      prefill(reference, row, rows.get(row).prompt());
      prefill(other, row, rows.get(row).prompt());
      score(0, rows.get(row).replyToken(0));
    }
    for (int index = 0; index + 1 < rows.getFirst().replyLength(); index++) {
      int[] forced = tokensAt(rows, index);
      reference.decode(forced.length, forced);
      other.decode(forced.length, forced);
      for (int row = 0; row < forced.length; row++) {
        score(row, rows.get(row).replyToken(index + 1));
      }
    }
  }

  /** The tokens at an index of those replies, the first ones, that go on after it. */
  private static int[] tokensAt(List<ForcedReply> rows, int index) {
    return rows.stream()
        .takeWhile(row -> row.replyLength() > index + 1)
        .mapToInt(row -> row.replyToken(index))
        .toArray();
  }

  private static void prefill(OnnxDecoder decoder, int slot, int[] prompt) {
    for (int from = 0; from < prompt.length; ) {
      int to = decoder.chunkEnd(from, decoder.prefillChunk(), prompt.length);
      decoder.prefill(slot, prompt, from, to);
      from = to;
    }
  }

  private void score(int row, int token) {
    reference.readLogits(row, referenceLogits);
    other.readLogits(row, otherLogits);
    referenceLoss += loss(referenceLogits, token);
    otherLoss += loss(otherLogits, token);
    agreeing += mostLikely(referenceLogits) == mostLikely(otherLogits) ? 1 : 0;
    double error = relativeError(referenceLogits, otherLogits);
    logitsErrors += error;
    largestLogitsError = Math.max(largestLogitsError, error);
    tokens++;
  }

  /** The norm of the difference over that of the first. */
  private static double relativeError(float[] wanted, float[] found) {
    double difference = 0;
    double norm = 0;
    for (int token = 0; token < wanted.length; token++) {
      difference += Math.pow((double) found[token] - wanted[token], 2);
      norm += Math.pow(wanted[token], 2);
    }
    return Math.sqrt(difference / norm);
  }

  /** Negative log-likelihood of a token, in nats. */
  private static double loss(float[] logits, int token) {
    double largest = logits[mostLikely(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    return largest + Math.log(sum) - logits[token];
  }

  private static int mostLikely(float[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      best = logits[token] > logits[best] ? token : best;
    }
    return best;
  }

  private static List<ForcedReply> encode(ModelDirectory model, List<Dialogue> dialogues) {
    int endToken = model.config().endTokens().iterator().next();
    List<ForcedReply> replies = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(model.tokenizerFile())) {
      ModelPromptEncoder encoder = ModelPromptEncoder.of(model, tokenizer);
      for (Dialogue dialogue : dialogues) {
        int[] text = tokenizer.encode(dialogue.reply(), false);
        int[] reply = Arrays.copyOf(text, text.length + 1);
        reply[text.length] = endToken;
        replies.add(new ForcedReply(encoder.encodeChat(dialogue.messages()), reply));
      }
    }
    return replies;
  }

  private static SessionSettings settings(
      List<ForcedReply> replies, ModelDirectory reference, ModelDirectory other) {
    int longest = replies.stream().mapToInt(ForcedReply::length).max().orElseThrow();
    int context = Math.min(reference.config().contextLength(), other.config().contextLength());
    if (longest > context) {
      throw new ComparisonException(
          "a dialogue has %d tokens, the models take %d".formatted(longest, context));
    }
    int allThreads = 0;
    return new SessionSettings(
        Math.min(ROWS, replies.size()), Math.max(2, longest), PREFILL_CHUNK, allThreads, false);
  }
}
