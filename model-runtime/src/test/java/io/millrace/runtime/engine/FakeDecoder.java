package io.millrace.runtime.engine;

import io.millrace.runtime.session.BlockStore;
import io.millrace.runtime.session.Decoder;
import io.millrace.runtime.session.DecoderException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * A decoder whose next token is a function of the whole sequence in the slot, so that a row that is
 * mixed up with another shows. Steps take simulated time.
 */
final class FakeDecoder implements Decoder {

  static final long PREFILL_NANOS_PER_TOKEN = 10;
  static final long DECODE_NANOS = 100;

  /** Of each token that a step verifies besides the first. */
  static final long VERIFY_NANOS_PER_TOKEN = 10;

  /** What was asked of it: {@code prefill 0..4}, {@code decode 3} or {@code verify 4}. */
  final List<String> calls = new ArrayList<>();

  /** Sequences whose last token is one of these make their step fail. */
  final Set<Integer> poison = new HashSet<>();

  /** Sequences whose last token is one of these get logits that are not numbers. */
  final Set<Integer> broken = new HashSet<>();

  /** Sequences whose last token is one of these make their decode step hang. */
  final Set<Integer> hanging = new HashSet<>();

  /** Done again and again by a step that hangs. */
  Runnable whileHanging = () -> {};

  /** More than these cannot be decoded together. */
  int mostRows = Integer.MAX_VALUE;

  /** Of a decode step. */
  long decodeNanos = DECODE_NANOS;

  /** Whether it says which logit is the largest. */
  boolean findsLargest;

  /** Sequences whose last token is one of these make a step that verifies them fail. */
  final Set<Integer> unverifiable = new HashSet<>();

  private boolean interrupted;
  private List<List<Integer>> verified = List.of();
  private final List<List<Integer>> slots = new ArrayList<>();
  private final int capacity;
  private final int prefillChunk;
  private final int vocabularySize;
  private final int verifiableTokens;
  private final ToIntFunction<List<Integer>> next;
  private final SimulatedClock clock;
  private final List<List<Integer>> logitsOf = new ArrayList<>();

  FakeDecoder(
      int slots,
      int capacity,
      int prefillChunk,
      int vocabularySize,
      int verifiableTokens,
      SimulatedClock clock,
      ToIntFunction<List<Integer>> next) {
    for (int slot = 0; slot < slots; slot++) {
      this.slots.add(new ArrayList<>());
    }
    this.capacity = capacity;
    this.prefillChunk = prefillChunk;
    this.vocabularySize = vocabularySize;
    this.verifiableTokens = verifiableTokens;
    this.clock = clock;
    this.next = next;
  }

  @Override
  public int slots() {
    return slots.size();
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public long cacheBytes() {
    return 0;
  }

  @Override
  public int prefillChunk() {
    return prefillChunk;
  }

  @Override
  public void prefill(int slot, int[] tokens, int from, int to) {
    calls.add("prefill " + from + ".." + to);
    if (tokens.length > 1 && (to - from) % ATTENTION_BLOCK == 1) {
      throw new AssertionError("rounds otherwise: " + from + ".." + to);
    }
    if (from == 0) {
      slots.get(slot).clear();
    }
    if (slots.get(slot).size() != from) {
      throw new AssertionError("slot " + slot + " holds " + slots.get(slot) + ", not " + from);
    }
    for (int index = from; index < to; index++) {
      slots.get(slot).add(tokens[index]);
    }
    clock.advance((to - from) * PREFILL_NANOS_PER_TOKEN);
    finishStep(List.of(slots.get(slot)));
  }

  @Override
  public void decode(int first, int rows, int[] tokens) {
    calls.add("decode " + (first == 0 ? "" : "from " + first + " ") + rows);
    clock.advance(decodeNanos);
    if (rows > mostRows) {
      throw new DecoderException("no memory", new IllegalStateException("no memory"));
    }
    for (int row = first; row < first + rows; row++) {
      if (hanging.contains(tokens[row])) {
        hang();
      }
    }
    var grown = new ArrayList<List<Integer>>();
    for (int row = first; row < first + rows; row++) {
      var sequence = new ArrayList<>(slots.get(row));
      sequence.add(tokens[row]);
      if (sequence.size() >= capacity) {
        throw new AssertionError("the sequence in slot " + row + " exceeds its capacity");
      }
      grown.add(sequence);
    }
    finishStep(grown);
    for (int row = 0; row < rows; row++) {
      slots.set(first + row, grown.get(row));
    }
  }

  @Override
  public int verifiableTokens() {
    return verifiableTokens;
  }

  @Override
  public void verify(int[] tokens, int count) {
    calls.add("verify " + count);
    clock.advance(DECODE_NANOS + (count - 1) * VERIFY_NANOS_PER_TOKEN);
    if (count < 2 || count > verifiableTokens) {
      throw new AssertionError(count + " tokens to verify");
    }
    var grown = new ArrayList<List<Integer>>();
    var sequence = new ArrayList<>(slots.getFirst());
    for (int index = 0; index < count; index++) {
      sequence.add(tokens[index]);
      if (unverifiable.contains(tokens[index])) {
        throw new DecoderException("no memory", new IllegalStateException("no memory"));
      }
      grown.add(new ArrayList<>(sequence));
    }
    if (sequence.size() >= capacity) {
      throw new AssertionError("the sequence in slot 0 exceeds its capacity");
    }
    finishStep(grown);
    verified = grown;
  }

  @Override
  public void keep(int count) {
    slots.set(0, new ArrayList<>(verified.get(count - 1)));
  }

  /** Until it is interrupted. */
  private void hang() {
    interrupted = false;
    while (!interrupted) {
      clock.advance(DECODE_NANOS);
      whileHanging.run();
    }
    throw new DecoderException("interrupted", new IllegalStateException("interrupted"));
  }

  @Override
  public void interrupt() {
    interrupted = true;
  }

  private void finishStep(List<List<Integer>> rows) {
    if (rows.stream().anyMatch(row -> poison.contains(row.getLast()))) {
      throw new DecoderException("poisoned", new IllegalStateException("poisoned"));
    }
    logitsOf.clear();
    logitsOf.addAll(rows);
  }

  @Override
  public void readLogits(int row, int[] bits) {
    var sequence = logitsOf.get(row);
    float others = broken.contains(sequence.getLast()) ? Float.NaN : 0;
    Arrays.fill(bits, Float.floatToRawIntBits(others));
    bits[next.applyAsInt(sequence)] = Float.floatToRawIntBits(others + 1);
  }

  @Override
  public int mostLikely(int row) {
    return findsLargest ? next.applyAsInt(logitsOf.get(row)) : -1;
  }

  @Override
  public void truncate(int slot, int length) {
    var sequence = slots.get(slot);
    sequence.subList(Math.min(length, sequence.size()), sequence.size()).clear();
  }

  @Override
  public void moveRow(int from, int to) {
    slots.set(to, new ArrayList<>(slots.get(from)));
  }

  @Override
  public void swapRows(int first, int second) {
    var sequence = slots.get(first);
    slots.set(first, slots.get(second));
    slots.set(second, sequence);
  }

  @Override
  public BlockStore reserveBlocks(int blockTokens, long bytes) {
    return new Blocks(blockTokens, (int) bytes);
  }

  /** Each block takes one byte. */
  private final class Blocks implements BlockStore {

    private final int tokens;
    private final List<List<Integer>> saved = new ArrayList<>();

    Blocks(int tokens, int count) {
      this.tokens = tokens;
      for (int block = 0; block < count; block++) {
        saved.add(List.of());
      }
    }

    @Override
    public int blocks() {
      return saved.size();
    }

    @Override
    public void save(int block, int slot, int from) {
      saved.set(block, List.copyOf(slots.get(slot).subList(from, from + tokens)));
    }

    @Override
    public void load(int block, int slot, int from) {
      calls.add("load " + from + ".." + (from + tokens));
      if (from == 0) {
        slots.get(slot).clear();
      }
      if (slots.get(slot).size() != from) {
        throw new AssertionError("slot " + slot + " holds " + slots.get(slot) + ", not " + from);
      }
      slots.get(slot).addAll(saved.get(block));
    }
  }

  @Override
  public void close() {}
}
