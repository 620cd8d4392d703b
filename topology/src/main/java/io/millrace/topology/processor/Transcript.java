package io.millrace.topology.processor;

import io.millrace.runtime.engine.EngineEvent.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What an attempt has generated, and what of it readers have still to be told.
 *
 * <p>An attempt after an interruption generates the same tokens again, since generation is
 * deterministic. Those that an earlier attempt has told are not told again, unless this one goes
 * another way (the model is not what it was): then all of its tokens are. A token that was cut off
 * when its attempt ended is not what the next attempt says in its place, so it does not count as
 * told.
 */
final class Transcript {

  private static final int[] NONE = {};

  /** What earlier attempts generated. */
  private final int[] earlier;

  /** How many of them were told. */
  private final int told;

  private final StringBuilder text = new StringBuilder();
  private int[] tokens = new int[64];
  private int size;

  /** Those that agree with what was told, until it is certain that they need not be told. */
  private final List<Token> withheld = new ArrayList<>();

  private boolean agrees = true;
  private boolean isCutOff;
  private boolean contradictsCheckpoint;
  private int checkpointed;

  private Transcript(int[] earlier, int told, int checkpointed) {
    this.earlier = earlier;
    this.told = told;
    this.checkpointed = checkpointed;
  }

  /** Of a first attempt. */
  static Transcript first() {
    return new Transcript(NONE, 0, 0);
  }

  /**
   * Of the first attempt of a new owner.
   *
   * @param checkpoint tokens of the last checkpoint
   * @param wereTold whether it is certain that readers have them
   */
  static Transcript resumed(int[] checkpoint, boolean wereTold) {
    return new Transcript(checkpoint, wereTold ? checkpoint.length : 0, checkpoint.length);
  }

  /** Of the attempt after this one, by the same owner. */
  Transcript next() {
    return agrees && size < told && !isCutOff
        ? new Transcript(earlier, told, checkpointed)
        : new Transcript(certainTokens(), certainSize(), checkpointed);
  }

  /** Takes in a token. Returns what readers are to be told now, in order. */
  List<Token> add(Token token) {
    if (size == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * size);
    }
    tokens[size++] = token.tokenId();
    text.append(token.text());
    isCutOff = token.isCutOff();
    if (!agrees || size > told) {
      return List.of(token);
    }
    withheld.add(token);
    boolean isTheSame = token.tokenId() == earlier[size - 1];
    if (isTheSame && !isCutOff) {
      if (size == told) {
        withheld.clear();
      }
      return List.of();
    }
    // What is told now takes back what stands in its place and behind.
    contradictsCheckpoint = size <= checkpointed;
    if (isTheSame) {
      return List.of(token);
    }
    agrees = false;
    var all = List.copyOf(withheld);
    withheld.clear();
    return all;
  }

  /** What the attempt will probably begin with. */
  int[] draft() {
    return earlier;
  }

  String text() {
    return text.toString();
  }

  int size() {
    return size;
  }

  /** Those that an attempt which goes on says too. */
  int[] certainTokens() {
    return Arrays.copyOf(tokens, certainSize());
  }

  int certainSize() {
    return isCutOff ? size - 1 : size;
  }

  /** Tokens in the last checkpoint. */
  int checkpointed() {
    return checkpointed;
  }

  /** Whether readers were told otherwise than the last checkpoint says. */
  boolean contradictsCheckpoint() {
    return contradictsCheckpoint;
  }

  void checkpointWritten() {
    checkpointed = certainSize();
    contradictsCheckpoint = false;
  }
}
