package io.millrace.topology.config;

import io.millrace.runtime.attention.CacheType;
import java.time.Duration;

/** How the model is run. */
public record EngineSettings(
    @Setting(value = "Prompts generated together.", otherwise = "8", min = 1, max = 4096) int slots,
    @Setting(
            value =
                "Tokens of prompt and completion that a slot holds; 0 for the model's context"
                    + " length.",
            otherwise = "0",
            min = 0)
        int capacity,
    @Setting(
            value = "Prompts that may wait for a slot inside the engine.",
            otherwise = "16",
            min = 1)
        int waiting,
    @Setting(
            value = "Their prompts' tokens together, unless a single one has more.",
            otherwise = "262144",
            min = 1)
        int waitingTokens,
    @Setting(
            value = "How much waiting makes up for one level of a prompt's priority.",
            otherwise = "1s")
        Duration priorityAgeing,
    @Setting(
            value =
                "Execution providers, the first that can be used: tensorrt, cuda, cpu with commas"
                    + " between them, or auto for all of them in this order.",
            otherwise = "auto")
        String provider,
    @Setting(
            value =
                "Numbers of the GPUs, as CUDA counts them, with commas between them; the model is"
                    + " loaded on each, and each serves some of the partitions.",
            otherwise = "0")
        String devices,
    @Setting(
            value = "Directory for the engines that TensorRT builds; empty for the model's own.",
            otherwise = "")
        String engineCache,
    @Setting(
            value = "Threads of ONNX Runtime; 0 for one per core.",
            otherwise = "0",
            min = 0,
            max = 1024)
        int threads,
    @Setting(
            value = "Prompt tokens computed between two decode steps.",
            otherwise = "256",
            min = 16)
        int prefillChunk,
    @Setting(
            value =
                "A step of the model that takes longer is stopped; the prompt it hangs by fails.",
            otherwise = "60s")
        Duration stepTimeout,
    @Setting(
            value =
                "Memory for what prompts begin with, so that it is not computed again for prompts"
                    + " that begin alike; 0 for none.",
            otherwise = "256MiB")
        ByteSize prefixCache,
    @Setting(
            value =
                "How keys and values are kept on the CPU: as the model has them, or as float16 in"
                    + " half the memory, for which MILLRACE_JAVA_OPTS must have --add-modules"
                    + " jdk.incubator.vector.",
            otherwise = "model")
        CacheType kvCacheType,
    @Setting(
            value =
                "Tokens that a prompt which runs alone may have drafted from its own text, to be"
                    + " verified in one step; 0 for none. Changes no token. On the CPU.",
            otherwise = "7",
            min = 0,
            max = 31)
        int speculativeTokens,
    @Setting(
            value = "Events that may wait between the engine and a partition's task.",
            otherwise = "1024",
            min = 1)
        int eventQueue) {

  /**
   * @throws IllegalArgumentException if waiting makes up for nothing, or a step has no time
   */
  public EngineSettings {
    if (!priorityAgeing.isPositive()) {
      throw new IllegalArgumentException("priority-ageing must be more than nothing");
    }
    if (!stepTimeout.isPositive()) {
      throw new IllegalArgumentException("step-timeout must be more than nothing");
    }
  }
}
