package io.millrace.runtime.engine;

import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.session.Decoder;
import io.millrace.runtime.session.OnnxDecoder;
import io.millrace.runtime.session.ProviderSettings;
import io.millrace.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;

/**
 * Drafts how a lone row may go on: the most likely tokens of a smaller model with the same
 * tokenizer (<a href="https://arxiv.org/abs/2211.17192">Leviathan et al. 2023</a>).
 *
 * <p>Its only slot keeps the text of the last draft with what was drafted. Of the next text it
 * computes what is not there: mostly the tokens that were right need not be computed again. Belongs
 * to the engine's thread.
 */
final class DraftModel implements AutoCloseable {

  private static final int SLOT = 0;

  private final Decoder decoder;
  private final StepWatchdog watchdog;

  /** What the slot holds. */
  private final int[] content;

  private int length;

  /** Takes ownership of both. */
  DraftModel(Decoder decoder, StepWatchdog watchdog) {
    this.decoder = decoder;
    this.watchdog = watchdog;
    this.content = new int[decoder.capacity()];
  }

  /**
   * Loads the decoder of one that drafts for a model on the CPU.
   *
   * @param session of that model's decoder, whose chunks and threads it shares
   * @throws ModelException if it cannot be loaded, or has another tokenizer
   */
  static OnnxDecoder openDecoder(
      ModelDirectory draft, ModelDirectory model, SessionSettings session) {
    requireSameTokenizer(draft, model);
    return OnnxDecoder.open(
        draft,
        new SessionSettings(
            1,
            session.capacity(),
            session.prefillChunk(),
            session.threads(),
            session.spin(),
            ProviderSettings.CPU));
  }

  private static void requireSameTokenizer(ModelDirectory draft, ModelDirectory model) {
    try {
      if (Files.mismatch(draft.tokenizerFile(), model.tokenizerFile()) >= 0) {
        throw new ModelException(
            "%s cannot draft for %s: their tokenizer.json is not the same"
                .formatted(draft.path(), model.path()));
      }
    } catch (IOException failure) {
      throw new ModelException(draft.path() + ": cannot be read: " + failure.getMessage(), failure);
    }
  }

  /** Begins to stop steps that hang. */
  void start(String name) {
    watchdog.start(name);
  }

  /** As {@link StepWatchdog#isStuck}. */
  boolean isStuck() {
    return watchdog.isStuck();
  }

  /**
   * Drafts the next tokens of a text.
   *
   * @param text of which the first {@code textLength} tokens count, at least one
   * @param destination where the drafted ones go, from index {@code from} on
   * @param most how many at most
   * @return how many; 0 if its context is too short for the text
   * @throws RuntimeException if a step failed
   */
  int draft(int[] text, int textLength, int[] destination, int from, int most) {
    int room = Math.min(most, decoder.capacity() - textLength);
    if (room < 1) {
      return 0;
    }
    try {
      read(text, textLength);
      int drafted = 0;
      while (true) {
        int token = decoder.mostLikely(0);
        if (token < 0) {
          return drafted;
        }
        destination[from + drafted++] = token;
        if (drafted == room) {
          return drafted;
        }
        append(token);
      }
    } catch (RuntimeException | Error failure) {
      length = 0;
      decoder.release(SLOT);
      throw failure;
    }
  }

  /** Computes what of a text is not in the slot; at least its last token, for the logits. */
  private void read(int[] text, int textLength) {
    int mismatch = Arrays.mismatch(content, 0, length, text, 0, textLength);
    int common = Math.min(mismatch < 0 ? length : mismatch, textLength - 1);
    decoder.truncate(SLOT, common);
    length = common;
    if (textLength - common == 1) {
      append(text[common]);
      return;
    }
    while (length < textLength) {
      int begin = length;
      int end = decoder.chunkEnd(begin, decoder.prefillChunk(), textLength);
      watchdog.watch(() -> decoder.prefill(SLOT, text, begin, end));
      System.arraycopy(text, begin, content, begin, end - begin);
      length = end;
    }
  }

  private void append(int token) {
    watchdog.watch(() -> decoder.decode(1, new int[] {token}));
    content[length++] = token;
  }

  @Override
  public void close() {
    watchdog.close();
    decoder.close();
  }
}
