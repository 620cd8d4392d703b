package io.millrace.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.dashboard.Dashboard.Query;
import org.junit.jupiter.api.Test;

class ScrapeTest {

  private final Scrape scrape =
      Scrape.parse(
          """
          # HELP tokens_total Tokens
          # TYPE tokens_total counter
          tokens_total{kind="prompt",model="a"} 17.0
          tokens_total{kind="cached",model="a \\"b\\", c=\\"d\\""} 1.7E8
          slots 8
          """);

  @Test
  void what_is_there_is_not_missing() {
    assertThat(
            scrape.missing(
                new Query(
                    "sum by (model)"
                        + " (rate(tokens_total{kind=~\"prompt|cached\",instance=\"x\"}[1m]))",
                    "{{model}} at {{instance}}")))
        .isEmpty();
    assertThat(scrape.missing(new Query("slots{kind!=\"prompt\"}", ""))).isEmpty();
  }

  @Test
  void a_name_a_label_or_a_value_that_is_not_there_is_missing() {
    assertThat(scrape.missing(new Query("rate(token_total{}[1m])", "")))
        .singleElement()
        .asString()
        .startsWith("token_total ");
    assertThat(scrape.missing(new Query("tokens_total{kind=\"completion\"}", ""))).hasSize(1);
    assertThat(scrape.missing(new Query("sum by (tenant) (tokens_total{})", "")))
        .containsExactly("label tenant of tokens_total");
    assertThat(scrape.missing(new Query("tokens_total{}", "{{tenant}}")))
        .containsExactly("label tenant of tokens_total");
    assertThat(scrape.missing(new Query("1 + 1", ""))).hasSize(1);
  }
}
