package io.millrace.runtime.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import io.millrace.runtime.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A Hugging Face tokenizer over a {@code tokenizer.json}. Safe for use by several threads at once;
 * never touches the network.
 */
public final class Tokenizer implements AutoCloseable {

  static {
    // Without these the library looks for accelerator builds, and reports its use, on the network.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private static final Map<String, String> NOTHING_CUT_NOTHING_PADDED =
      Map.of("truncation", "false", "padding", "false");

  private final HuggingFaceTokenizer tokenizer;
  private final Vocabulary vocabulary;

  private Tokenizer(HuggingFaceTokenizer tokenizer, Vocabulary vocabulary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
  }

  /**
   * @throws ModelException if the file cannot be read, or its kind of text is not known
   */
  public static Tokenizer load(Path file) {
    var vocabulary = VocabularyReader.read(file);
    try (var content = Files.newInputStream(file)) {
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(content, NOTHING_CUT_NOTHING_PADDED), vocabulary);
    } catch (IOException | RuntimeException failure) {
      throw new ModelException(file + ": " + failure.getMessage(), failure);
    }
  }

  /**
   * Loads the native library, if that has not happened yet.
   *
   * @throws RuntimeException if it cannot be loaded on this machine
   */
  public static void checkNativeLibrary() {
    LibUtils.checkStatus();
  }

  /**
   * @param addSpecialTokens whether the tokenizer puts its own around the text; those written in
   *     the text are always recognised
   */
  public int[] encode(String text, boolean addSpecialTokens) {
    long[] ids = tokenizer.encode(text, addSpecialTokens, false).getIds();
    int[] tokens = new int[ids.length];
    for (int index = 0; index < ids.length; index++) {
      tokens[index] = Math.toIntExact(ids[index]);
    }
    return tokens;
  }

  /** The text of the tokens, special ones left out. */
  public String decode(int[] tokens) {
    long[] ids = new long[tokens.length];
    for (int index = 0; index < ids.length; index++) {
      ids[index] = tokens[index];
    }
    return tokenizer.decode(ids, true);
  }

  /** The bytes that each token stands for. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
