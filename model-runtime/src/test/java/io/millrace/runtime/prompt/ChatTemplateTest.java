package io.millrace.runtime.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Templates in the forms that published models use; the expected texts were rendered with Jinja2
 * 3.1, set up as the transformers library does.
 */
class ChatTemplateTest {

  private static final List<ChatMessage> CONVERSATION =
      List.of(
          new ChatMessage("system", "You are kind."),
          new ChatMessage("user", " Hi {{ 7*7 }} {% raw %} \n"),
          new ChatMessage("assistant", "  Hello!\nHow are you? "),
          new ChatMessage("user", "Fine \\n & <b>'quoted'\" é 🚚"));

  private static final List<ChatMessage> WITHOUT_SYSTEM =
      List.of(
          new ChatMessage("user", "one"),
          new ChatMessage("assistant", "two"),
          new ChatMessage("user", "three"));

  private static String render(String template, List<ChatMessage> messages) {
    return new ChatTemplate(template, "<s>", "</s>").render(messages);
  }

  @Test
  void chatMl() {
    var template =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "
            + "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
    assertThat(render(template, CONVERSATION))
        .isEqualTo(
            """
            <|im_start|>system
            You are kind.<|im_end|>
            <|im_start|>user
             Hi {{ 7*7 }} {% raw %}\s
            <|im_end|>
            <|im_start|>assistant
              Hello!
            How are you? <|im_end|>
            <|im_start|>user
            Fine \\n & <b>'quoted'" é 🚚<|im_end|>
            <|im_start|>assistant
            """);
  }

  @Test
  void llama3() {
    var template =
        "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = "
            + "'<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ "
            + "message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content"
            + " = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if"
            + " add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n'"
            + " }}{% endif %}";
    assertThat(render(template, CONVERSATION))
        .isEqualTo(
            "<s><|start_header_id|>system<|end_header_id|>\n\nYou are kind.<|eot_id|>"
                + "<|start_header_id|>user<|end_header_id|>\n\nHi {{ 7*7 }} {% raw %}<|eot_id|>"
                + "<|start_header_id|>assistant<|end_header_id|>\n\nHello!\nHow are you?<|eot_id|>"
                + "<|start_header_id|>user<|end_header_id|>\n\n"
                + "Fine \\n & <b>'quoted'\" é 🚚<|eot_id|>"
                + "<|start_header_id|>assistant<|end_header_id|>\n\n");
  }

  @Test
  void zephyrWhoseLineBreaksAreTrimmed() {
    var template =
        """
        {% for message in messages %}
        {% if message['role'] == 'user' %}
        {{ '<|user|>\\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'system' %}
        {{ '<|system|>\\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'assistant' %}
        {{ '<|assistant|>\\n'  + message['content'] + eos_token }}
        {% endif %}
        {% if loop.last and add_generation_prompt %}
        {{ '<|assistant|>' }}
        {% endif %}
        {% endfor %}\
        """;
    assertThat(render(template, CONVERSATION))
        .isEqualTo(
            """
            <|system|>
            You are kind.</s>
            <|user|>
             Hi {{ 7*7 }} {% raw %}\s
            </s>
            <|assistant|>
              Hello!
            How are you? </s>
            <|user|>
            Fine \\n & <b>'quoted'" é 🚚</s>
            <|assistant|>
            """);
  }

  private static final String MISTRAL =
      "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != "
          + "(loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate "
          + "user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}"
          + "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == "
          + "'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only "
          + "user and assistant roles are supported!') }}{% endif %}{% endfor %}";

  @Test
  void mistral() {
    assertThat(render(MISTRAL, WITHOUT_SYSTEM))
        .isEqualTo("<s>[INST] one [/INST]two</s>[INST] three [/INST]");
  }

  @Test
  void qwen3WhichCallsThePythonMethodsOfStrings() {
    var template =
        """
        {%- set ns = namespace(last_query_index=messages|length - 1, looking=true) %}
        {%- for message in messages[::-1] %}
            {%- set index = (messages|length - 1) - loop.index0 %}
            {%- if ns.looking and message.role == "user" and message.content is string and not(message.content.startswith('<tool>') and message.content.endswith('</tool>')) %}
                {%- set ns.looking = false %}
                {%- set ns.last_query_index = index %}
            {%- endif %}
        {%- endfor %}
        {%- for message in messages %}
            {%- set content = message.content %}
            {%- if message.role == "assistant" and '</think>' in content %}
                {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
                {%- if loop.index0 > ns.last_query_index %}
                    {{- '<|im_start|>' + message.role + '\\n<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + content + '<|im_end|>\\n' }}
                {%- else %}
                    {{- '<|im_start|>' + message.role + '\\n' + content.strip() + '<|im_end|>\\n' }}
                {%- endif %}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\\n' }}
            {%- if enable_thinking is defined and enable_thinking is false %}
                {{- '<think>\\n\\n</think>\\n\\n' }}
            {%- endif %}
        {%- endif %}\
        """;
    var thinking =
        List.of(
            new ChatMessage("user", "a.b|c"),
            new ChatMessage("assistant", "<think>\nhm\n\n</think>\n\n Hi. \n"),
            new ChatMessage("user", "two"),
            new ChatMessage("assistant", "<think>\n\nok\n</think>\n\nBye"));
    assertThat(render(template, thinking))
        .isEqualTo(
            """
            <|im_start|>user
            a.b|c<|im_end|>
            <|im_start|>assistant
            Hi.<|im_end|>
            <|im_start|>user
            two<|im_end|>
            <|im_start|>assistant
            <think>
            ok
            </think>

            Bye<|im_end|>
            <|im_start|>assistant
            """);
  }

  @Test
  void stringsHaveThePythonMethodsThatTemplatesCall() {
    var template =
        "{{ 'a.b.c'.split('.')|length }} {{ 'a.b..c'.split('.')[-1].upper() }} "
            + "{{ '\u00a0x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'Ab'.lower() }}|"
            + "{{ ',,'.split(',')|length }}|{{ 'a.b.c'.split('.', 1)[1] }}|"
            + "{{ 'a.b'.replace('.', '$1') }}";
    assertThat(render(template, WITHOUT_SYSTEM)).isEqualTo("3 C x|a|ab|3|b.c|a$1b");
  }

  @Test
  void whatLooksLikeAPythonExpressionStaysAsItIsInTextAndInStrings() {
    var template = "s[::-1] {{ 's[::-1]' }} {{ messages|length - 1 }} x=a|length - 1";
    assertThat(render(template, WITHOUT_SYSTEM)).isEqualTo("s[::-1] s[::-1] 2 x=a|length - 1");
  }

  @Test
  void aSplitAtNothingFailsInsteadOfNeverEnding() {
    assertThatThrownBy(() -> render("{{ 'ab'.split('')|length }}", WITHOUT_SYSTEM))
        .isInstanceOf(PromptException.class);
  }

  @Test
  void aTemplateThatFailsIsFoundBeforeTheFirstPrompt() {
    var template =
        "{% for message in messages %}{% if message.role == 'assistant' %}"
            + "{{ message.content.swapcase() }}{% endif %}{% endfor %}";
    assertThatThrownBy(() -> new ChatTemplate(template, "", "").check())
        .isInstanceOf(PromptException.class)
        .hasMessageContaining("swapcase");
  }

  @Test
  void aTemplateThatRefusesAConversationIsSound() {
    assertThatCode(() -> new ChatTemplate(MISTRAL, "", "").check()).doesNotThrowAnyException();
  }

  @Test
  void aTemplateMayRefuseMessages() {
    assertThatThrownBy(() -> render(MISTRAL, CONVERSATION))
        .isInstanceOf(PromptException.class)
        .hasMessageContaining("Conversation roles must alternate");
  }

  @Test
  void aRefusalDoesNotQuoteAMessage() {
    var template = "{{ raise_exception('not this: ' + messages[0]['content']) }}";
    assertThatThrownBy(() -> render(template, List.of(new ChatMessage("user", "my secret"))))
        .isInstanceOf(PromptException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void indentedTemplatesThatTrimEveryTag() {
    var template =
        """
        {{- bos_token }}
        {%- if not date_string is defined %}
            {%- set date_string = "26 Jul 2024" %}
        {%- endif %}

        {#- The system message has a place of its own. #}
        {%- if messages[0]['role'] == 'system' %}
            {%- set system_message = messages[0]['content']|trim %}
            {%- set messages = messages[1:] %}
        {%- else %}
            {%- set system_message = "" %}
        {%- endif %}
        {{- "<|system|>\\n" }}
        {{- "Today Date: " + date_string + "\\n\\n" }}
        {{- system_message }}
        {%- for message in messages %}
            {%- if not (message.role == 'tool' or 'tool_calls' in message) %}
                {{- '<|' + message['role'] + '|>\\n'+ message['content'] | trim }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|assistant|>\\n' }}
        {%- endif %}
        """;
    assertThat(render(template, CONVERSATION))
        .isEqualTo(
            "<s><|system|>\nToday Date: 26 Jul 2024\n\nYou are kind."
                + "<|user|>\nHi {{ 7*7 }} {% raw %}<|assistant|>\nHello!\nHow are you?"
                + "<|user|>\nFine \\n & <b>'quoted'\" é 🚚<|assistant|>\n");
  }

  @Test
  void whitespaceIsKeptWhereNoSignAndNoBlockTakesIt() {
    var template =
        "<s>\n  {% for m in messages %}\n    {{ m.role }}:\n  {%- if m.content %} "
            + "{{ m.content|upper }}\n  {% endif %}\n  {% endfor %}\n\ttail {# c #}\n"
            + "{{ \"a'b\\\"c\\\\d\\te\" ~ 1 ~ messages|length }}\n";
    assertThat(render(template, List.of(new ChatMessage("user", "hello"))))
        .isEqualTo("<s>\n    user: HELLO\n\ttail a'b\"c\\d\te11");
  }

  @Test
  void trimTakesTheSpacesThatPythonTakes() {
    var template = new ChatTemplate("[{{ messages[0].content | trim }}]", "", "");
    var spaces = "\u00a0\u3000\u2003\u0085\u2028\u202f \t\n";
    assertThat(template.render(List.of(new ChatMessage("user", spaces + "a b" + spaces))))
        .isEqualTo("[a b]");
    assertThat(template.render(List.of(new ChatMessage("user", "\u0001a\u0007"))))
        .isEqualTo("[\u0001a\u0007]");
  }

  @Test
  void namespacesTakeNamedValues() {
    var template =
        "{% set ns = namespace(seen=false, count=3) %}{% for m in messages %}{% set ns.seen = true"
            + " %}{% endfor %}{{ ns.seen }} {{ ns.count }}";
    assertThat(render(template, WITHOUT_SYSTEM)).isEqualTo("true 3");
  }

  @Test
  void aBrokenTemplateIsReported() {
    assertThatThrownBy(() -> render("{% for m in messages %}", WITHOUT_SYSTEM))
        .isInstanceOf(PromptException.class)
        .hasMessageContaining("the chat template fails");
  }
}
