package io.millrace.topology.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.attention.CacheType;
import io.millrace.schemas.ValueFormat;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where each key goes, and what it is without one. */
class ConfigurationMappingTest {

  @Test
  void defaults() {
    assertThat(parse("model.directory: models/demo\n"))
        .isEqualTo(
            new MillraceConfiguration(
                Map.of(),
                new FormatSettings(ValueFormat.AVRO, ""),
                Map.of(),
                new TopicSettings(
                    "millrace.",
                    "prompts",
                    "tokens",
                    "completions",
                    "usage",
                    "errors",
                    "control",
                    false,
                    6,
                    -1),
                new ModelSettings("models/demo", ""),
                new EngineSettings(
                    8,
                    0,
                    16,
                    262144,
                    Duration.ofSeconds(1),
                    "auto",
                    "0",
                    "",
                    0,
                    256,
                    Duration.ofSeconds(60),
                    new ByteSize(256 << 20),
                    CacheType.MODEL,
                    7,
                    1024),
                new BatchingSettings(8, 4096, Duration.ofMillis(2), Duration.ofMillis(100)),
                new InflightSettings(
                    256,
                    192,
                    10,
                    3,
                    Duration.ofMillis(500),
                    32,
                    Duration.ofMillis(2),
                    512,
                    new ByteSize(64 << 20)),
                new LimitSettings(
                    new ByteSize(512 << 10),
                    new ByteSize(32 << 10),
                    256,
                    16,
                    256,
                    64,
                    new ByteSize(16 << 10),
                    256,
                    new ByteSize(512 << 10)),
                new SamplingSettings(256, 0, 1, 0, 0, 1, 0, 0, ""),
                new MonitoringSettings("localhost", 0, "", 20),
                Map.of()));
  }

  @Test
  void everyKeyGiven() {
    var yaml =
        """
        kafka:
          bootstrap.servers: broker:9092
          producer:
            compression.type: lz4
            max.request.size: 2097152
        format:
          values: json
          avro-serde: com.example.Serde
        schema-registry:
          url: http://registry:8081
        topics:
          prefix: support.
          prompts: in
          tokens: t
          completions: c
          usage: u
          errors: e
          control: k
          create: true
          partitions: 12
          replication: 3
        model:
          directory: /models/qwen
          name: qwen
        engine:
          slots: 16
          capacity: 2_048
          waiting: 32
          waiting-tokens: 5000
          priority-ageing: 200ms
          provider: cuda, cpu
          devices: 1, 2
          engine-cache: /var/cache/millrace
          threads: 4
          prefill-chunk: 128
          step-timeout: 9s
          prefix-cache: 64MiB
          kv-cache-type: float16
          speculative-tokens: 3
          event-queue: 64
        batching:
          max-prompts: 4
          max-prompt-tokens: 1000
          max-wait: 5ms
          deadline-slack: 1s
        inflight:
          max-per-partition: 100
          resume-at: 50
          max-attempts: 2
          retries: 1
          retry-backoff: 2s
          checkpoint-tokens: 8
          drain-time: 1ms
          drain-events: 10
          store-memory: 32MiB
        limits:
          prompt-bytes: 1MiB
          key-and-header-bytes: 1000
          messages: 10
          stop-strings: 4
          stop-string-length: 20
          metadata-entries: 5
          label-bytes: 3KiB
          request-id-length: 36
          error-value-bytes: 2KiB
        defaults:
          max-completion-tokens: 100
          temperature: 0.7
          top-p: 0.9
          top-k: 40
          min-p: 0.05
          repetition-penalty: 1.1
          presence-penalty: -0.5
          frequency-penalty: 0.5
          system-prompt: You help.
        monitoring:
          host: 0.0.0.0
          port: 9400
          token: t0ken
          tenants: 5
        prices:
          qwen2.5-0.5b:
            prompt-micros-per-million: 100
            completion-micros-per-million: 300
        """;
    assertThat(parse(yaml))
        .isEqualTo(
            new MillraceConfiguration(
                Map.of(
                    "bootstrap.servers",
                    "broker:9092",
                    "producer.compression.type",
                    "lz4",
                    "producer.max.request.size",
                    "2097152"),
                new FormatSettings(ValueFormat.JSON, "com.example.Serde"),
                Map.of("url", "http://registry:8081"),
                new TopicSettings("support.", "in", "t", "c", "u", "e", "k", true, 12, 3),
                new ModelSettings("/models/qwen", "qwen"),
                new EngineSettings(
                    16,
                    2048,
                    32,
                    5000,
                    Duration.ofMillis(200),
                    "cuda, cpu",
                    "1, 2",
                    "/var/cache/millrace",
                    4,
                    128,
                    Duration.ofSeconds(9),
                    new ByteSize(64 << 20),
                    CacheType.FLOAT16,
                    3,
                    64),
                new BatchingSettings(4, 1000, Duration.ofMillis(5), Duration.ofSeconds(1)),
                new InflightSettings(
                    100,
                    50,
                    2,
                    1,
                    Duration.ofSeconds(2),
                    8,
                    Duration.ofMillis(1),
                    10,
                    new ByteSize(32 << 20)),
                new LimitSettings(
                    new ByteSize(1 << 20),
                    new ByteSize(1000),
                    10,
                    4,
                    20,
                    5,
                    new ByteSize(3 << 10),
                    36,
                    new ByteSize(2 << 10)),
                new SamplingSettings(100, 0.7, 0.9, 40, 0.05, 1.1, -0.5, 0.5, "You help."),
                new MonitoringSettings("0.0.0.0", 9400, "t0ken", 5),
                Map.of("qwen2.5-0.5b", new PriceSettings(100, 300))));
  }

  private static MillraceConfiguration parse(String yaml) {
    return MillraceConfiguration.parse(yaml, Map.of());
  }
}
