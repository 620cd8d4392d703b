package io.millrace.runtime.attention;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Causal attention of new tokens over a KV cache, with rotary position embeddings.
 *
 * <p>A {@link Step} is computed in two parts, task by task or several tasks on as many threads.
 * First the new keys and values are written into the cache, those of all rows. Then it is read. So
 * rows that share their memory find each other's tokens.
 *
 * <p>Each token is computed for itself, in an order that depends on nothing else, so that it has
 * the same bits in any batch and wherever a prompt is cut.
 */
public final class CachedAttention {

  /** Of a number in the cache, which is kept in half precision. */
  public static final int NUMBER_BYTES = Short.BYTES;

  /** More would only cost more calls. */
  private static final int MOST_TASKS = 16;

  /**
   * Keys of a head that are read by all queries before the next ones: they stay in the L1 cache.
   */
  private static final int TILE = 64;

  /** Queries that share a tile; more tokens would leave too few tasks. */
  private static final int QUERIES = 16;

  private final AttentionHeads heads;
  private final int tokensTogether;

  /** Those not in use; the last one given back is the first one taken, since it is in the cache. */
  private final Deque<Workspace> workspaces = new ConcurrentLinkedDeque<>();

  /**
   * @throws IllegalArgumentException if heads of this size are not supported
   */
  public CachedAttention(AttentionHeads heads) {
    if (!supports(heads.size())) {
      throw new IllegalArgumentException("heads of " + heads.size() + " are not supported");
    }
    this.heads = heads;
    this.tokensTogether = Math.max(1, QUERIES / heads.group());
  }

  /**
   * Whether attention can be computed on this processor and in this JVM, which must have the module
   * {@code jdk.incubator.vector}.
   */
  public static boolean isUsable() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        && VectorKernel.isUsable();
  }

  /** Whether it can, for heads of this size. */
  public static boolean supports(int headSize) {
    return isUsable() && headSize % VectorKernel.SIZE_MULTIPLE == 0;
  }

  /** What is computed. */
  public AttentionHeads heads() {
    return heads;
  }

  private Workspace takeWorkspace() {
    var free = workspaces.pollFirst();
    return free == null ? new Workspace(heads) : free;
  }

  /** What a task needs for itself. */
  private static final class Workspace {

    private float[] queries = new float[0];
    private float[] scores = new float[0];
    private float[] sums = new float[0];

    /** Of each query, one over the sum of its exponentials. */
    private float[] weights = new float[0];

    /** Keys or values that are read now. On the heap, where vector loads are cheapest. */
    private final float[] tile;

    /** The same, or what is written, in half precision. */
    private final short[] halves;

    private final float[] cosines;
    private final float[] sines;

    Workspace(AttentionHeads heads) {
      int size = heads.size();
      tile = new float[TILE * size];
      halves = new short[Math.max(TILE, heads.keyValues()) * size];
      cosines = new float[size / 2];
      sines = new float[size / 2];
    }

    void readRotation(RotaryTables rotations, int position) {
      int half = cosines.length;
      long at = (long) position * half * Float.BYTES;
      MemorySegment.copy(rotations.cosines(), JAVA_FLOAT, at, cosines, 0, half);
      MemorySegment.copy(rotations.sines(), JAVA_FLOAT, at, sines, 0, half);
    }

    /** Reads {@code count} keys or values of a head, which begins at {@code start}. */
    void readTile(MemorySegment cache, long start, int from, int count, int size) {
      long at = start + (long) from * size * NUMBER_BYTES;
      MemorySegment.copy(cache, JAVA_SHORT, at, halves, 0, count * size);
      VectorKernel.fromHalves(halves, tile, count * size);
    }

    void reserve(int numbers, int scoresWanted) {
      if (queries.length < numbers) {
        queries = new float[numbers];
        sums = new float[numbers];
        weights = new float[numbers];
      }
      if (scores.length < scoresWanted) {
        scores = new float[Math.max(scoresWanted, 2 * scores.length)];
      }
    }
  }

  /** Makes a step ready to be computed. */
  public Step step(AttentionCall call) {
    return new Step(call);
  }

  /** One layer's attention in one step of the model. */
  public final class Step {

    private final AttentionCall call;
    private final int units;
    private final int tasks;
    private final SharedPieces stores;

    private Step(AttentionCall call) {
      this.call = call;
      this.units = call.rows() * heads.keyValues() * parts(call);
      this.tasks = Math.min(MOST_TASKS, units);
      this.stores = new SharedPieces(call.rows() * call.tokens());
    }

    /** Into how many tasks it is divided, of which each can be computed by a thread. */
    public int tasks() {
      return tasks;
    }

    /**
     * Computes one task. Each may be on another thread, and all have to be computed.
     *
     * @param task from 0 to {@code tasks - 1}
     */
    public void compute(int task) {
      var workspace = takeWorkspace();
      stores.workOn(token -> store(call, token, workspace));
      int parts = parts(call);
      // The later tokens of a prompt see more keys, so tasks take turns.
      for (int unit = task; unit < units; unit += tasks) {
        int row = unit / parts / heads.keyValues();
        int head = unit / parts % heads.keyValues();
        int first = unit % parts * tokensTogether;
        int count = Math.min(tokensTogether, call.tokens() - first);
        CachedAttention.this.compute(call, row, head, first, count, workspace);
      }
      workspaces.addFirst(workspace);
    }
  }

  private int parts(AttentionCall call) {
    return Math.ceilDiv(call.tokens(), tokensTogether);
  }

  /** Writes a new token's keys and values into the cache. */
  private void store(AttentionCall call, int index, Workspace workspace) {
    int row = index / call.tokens();
    int position = call.pasts()[row] + index % call.tokens();
    int size = heads.size();
    workspace.reserve(heads.keyValues() * size, 0);
    read(call.newKeys(), index, workspace.queries);
    workspace.readRotation(call.rotations(), position);
    VectorKernel.rotate(
        workspace.queries, 0, heads.keyValues(), size, workspace.cosines, workspace.sines, 1);
    write(workspace, call, call.keys(), row, position);
    read(call.newValues(), index, workspace.queries);
    write(workspace, call, call.values(), row, position);
  }

  /** Reads a token's keys or values. */
  private void read(Projection projection, int token, float[] vectors) {
    int size = heads.size();
    MemorySegment.copy(
        projection.content(),
        JAVA_FLOAT,
        projection.at(token, 0, size),
        vectors,
        0,
        heads.keyValues() * size);
  }

  /** Writes a token's keys or values into the cache. */
  private void write(
      Workspace workspace, AttentionCall call, MemorySegment cache, int row, int position) {
    int size = heads.size();
    long offset = (long) position * size * NUMBER_BYTES;
    VectorKernel.toHalves(workspace.queries, workspace.halves, heads.keyValues() * size);
    for (int head = 0; head < heads.keyValues(); head++) {
      long at = start(call, row, head) + offset;
      MemorySegment.copy(workspace.halves, head * size, cache, JAVA_SHORT, at, size);
    }
  }

  /** Where a row's keys or values of a head begin, in bytes. */
  private long start(AttentionCall call, int row, int head) {
    return ((long) row * heads.keyValues() + head) * call.capacity() * heads.size() * NUMBER_BYTES;
  }

  private void compute(
      AttentionCall call, int row, int head, int first, int count, Workspace workspace) {
    int size = heads.size();
    int group = heads.group();
    int queries = count * group;
    int past = call.pasts()[row];
    int longest = past + first + count;
    int room = Math.ceilDiv(longest, VectorKernel.LANES) * VectorKernel.LANES;
    workspace.reserve(queries * size, queries * room);
    readQueries(call, row, head, first, count, workspace);
    for (int from = 0; from < longest; from += TILE) {
      int tile = Math.min(TILE, longest - from);
      workspace.readTile(call.keys(), start(call, row, head), from, tile, size);
      for (int query = 0; query < queries; query++) {
        int keys = Math.min(tile, past + first + query / group + 1 - from);
        VectorKernel.scores(
            workspace.tile,
            keys,
            workspace.queries,
            query * size,
            size,
            workspace.scores,
            query * room + from);
      }
    }
    for (int query = 0; query < queries; query++) {
      int keys = past + first + query / group + 1;
      workspace.weights[query] =
          1 / VectorKernel.exponentials(workspace.scores, query * room, keys, room);
    }
    Arrays.fill(workspace.sums, 0, queries * size, 0);
    for (int from = 0; from < longest; from += TILE) {
      int tile = Math.min(TILE, longest - from);
      workspace.readTile(call.values(), start(call, row, head), from, tile, size);
      for (int query = 0; query < queries; query++) {
        int keys = Math.min(tile, past + first + query / group + 1 - from);
        VectorKernel.addValues(
            workspace.tile,
            keys,
            size,
            workspace.scores,
            query * room + from,
            workspace.sums,
            query * size);
      }
    }
    for (int query = 0; query < queries; query++) {
      VectorKernel.multiply(workspace.sums, query * size, size, workspace.weights[query]);
    }
    write(call, row, head, first, count, workspace);
  }

  private void readQueries(
      AttentionCall call, int row, int head, int first, int count, Workspace workspace) {
    int size = heads.size();
    int group = heads.group();
    for (int token = 0; token < count; token++) {
      int index = row * call.tokens() + first + token;
      int at = token * group * size;
      long from = call.queries().at(index, head * group, size);
      MemorySegment.copy(
          call.queries().content(), JAVA_FLOAT, from, workspace.queries, at, group * size);
      workspace.readRotation(call.rotations(), call.pasts()[row] + first + token);
      VectorKernel.rotate(
          workspace.queries, at, group, size, workspace.cosines, workspace.sines, heads.scale());
    }
  }

  private void write(
      AttentionCall call, int row, int head, int first, int count, Workspace workspace) {
    int width = heads.group() * heads.size();
    for (int token = 0; token < count; token++) {
      long index = (long) row * call.tokens() + first + token;
      long at = (index * heads.keyValues() + head) * width * Float.BYTES;
      MemorySegment.copy(workspace.sums, token * width, call.output(), JAVA_FLOAT, at, width);
    }
  }
}
