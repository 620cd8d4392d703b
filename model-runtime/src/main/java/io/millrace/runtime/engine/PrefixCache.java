package io.millrace.runtime.engine;

import io.millrace.runtime.session.BlockStore;
import io.millrace.runtime.session.Decoder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the keys and values of prompts for prompts that begin alike: system prompts, the turns of a
 * conversation so far.
 *
 * <p>A prompt is kept in blocks of {@value #BLOCK_TOKENS} tokens. A block is known by its tokens
 * and the block before it, the first one by tenant and cache salt, so what is found is what {@link
 * Decoder#prefill} would compute, bit by bit, and is found within its scope only. Blocks are
 * copies: they outlive the slots they came from. The block that was not used for longest makes room
 * for a new one. Belongs to the engine's thread.
 *
 * @see <a href="https://docs.vllm.ai/en/latest/design/prefix_caching/">vLLM's automatic prefix
 *     caching, which names blocks in the same way</a>
 */
final class PrefixCache {

  static final int BLOCK_TOKENS = 16;

  /**
   * @param before the {@link Scope} of a first block, else the {@link Block} before
   */
  private record Key(Object before, IntBuffer tokens) {}

  private record Scope(String tenant, String salt) {

    static Scope of(GenerationRequest request) {
      return new Scope(request.tenant(), request.cacheSalt());
    }
  }

  /** Told apart by identity: a key that names one ends with it. */
  private static final class Block {

    private final Key key;
    private final int place;

    Block(Key key, int place) {
      this.key = key;
      this.place = place;
    }
  }

  private final BlockStore store;

  /**
   * From the one that was not used for longest. A block is used after those that follow it, so the
   * first is one that no other follows.
   */
  private final SequencedMap<Key, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param bytes the most memory to use; less than a block's keeps nothing
   */
  PrefixCache(Decoder decoder, long bytes) {
    store = decoder.reserveBlocks(BLOCK_TOKENS, bytes);
  }

  /**
   * Starts a slot's sequence with the longest kept beginning of a prompt. At least two tokens are
   * left to be computed, because {@link Decoder#chunkEnd one alone would be rounded otherwise}.
   *
   * @return how many tokens that were
   */
  int load(int slot, GenerationRequest request) {
    List<Block> found = new ArrayList<>();
    Object before = Scope.of(request);
    int most = request.promptTokens() - 2;
    for (int from = 0; from + BLOCK_TOKENS <= most; from += BLOCK_TOKENS) {
      var block = blocks.get(key(before, request, from));
      if (block == null) {
        break;
      }
      store.load(block.place, slot, from);
      found.add(block);
      before = block;
    }
    use(found);
    return found.size() * BLOCK_TOKENS;
  }

  /** Keeps a prompt that a slot holds. */
  void keep(int slot, GenerationRequest request) {
    List<Block> kept = new ArrayList<>();
    Object before = Scope.of(request);
    for (int from = 0; from + BLOCK_TOKENS <= request.promptTokens(); from += BLOCK_TOKENS) {
      var key = key(before, request, from);
      var block = blocks.get(key);
      if (block == null) {
        block = make(key, kept.size());
        if (block == null) {
          break;
        }
        store.save(block.place, slot, from);
        blocks.put(key, block);
      }
      kept.add(block);
      before = block;
    }
    use(kept);
  }

  private static Key key(Object before, GenerationRequest request, int from) {
    int[] tokens = Arrays.copyOfRange(request.tokens(), from, from + BLOCK_TOKENS);
    return new Key(before, IntBuffer.wrap(tokens));
  }

  /**
   * @param inUse blocks of the same prompt, which have been looked up and so are the last ones
   * @return null if there is room for no other block than these
   */
  private @Nullable Block make(Key key, int inUse) {
    if (blocks.size() < store.blocks()) {
      return new Block(key, blocks.size());
    }
    return blocks.size() == inUse ? null : new Block(key, blocks.pollFirstEntry().getValue().place);
  }

  /** From the last on, so that none is forgotten before those that follow it. */
  private void use(List<Block> path) {
    path.reversed().forEach(block -> blocks.get(block.key));
  }
}
