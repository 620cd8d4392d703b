#!/bin/sh
# Checks Millrace on a machine with an NVIDIA GPU: tests, agreement with the CPU, speed, memory.
# Needs a Java 25 and what `mvn -Pgpu package` has built; no Maven, no network. See docs/gpu.md.
#
#   --out DIR         where report.txt, report.json and logs/ go (deploy/target/gpu-check/report)
#   --providers LIST  of cpu, cuda and tensorrt (cpu,cuda)
#   --shape NAME      of the random model whose speed is measured on the GPU (llama-3.2-1b)
#   --model DIR       a model of your own instead: fp16, and of layout standard for tensorrt
#   --quick           fewer of everything, and smollm2-135m if no shape is named
#
# MILLRACE_JAVA_HOME and MILLRACE_JAVA_OPTS are those of ./millrace.
# Exit code: 0 if everything passed on every provider, 1 if not, 2 for wrong use.
set -eu

home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
millrace=$home/millrace
kit=$home/deploy/target/gpu-check/lib
demo=$home/model-runtime/demo-model

out=$home/deploy/target/gpu-check/report
providers=cpu,cuda
shape=
model=
quick=

prompt=64
completion=128
# A token more than prompt and completion: what the benchmark takes for a row of the cache.
capacity=193

# What passes. Measured with CUDA: 99.97 % and 1.2e-3 for the demo model.
least_agreement=0.99
largest_mean_error=0.02

usage() {
  sed -n '2,/^set -eu/{/^# \{0,1\}/s///p;}' "$0"
}

wrong_use() {
  printf 'gpu-check: %s\n' "$1" >&2
  usage >&2
  exit 2
}

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --quick) quick=yes ;;
      --help | -h)
        usage
        exit 0
        ;;
      --out | --providers | --shape | --model)
        [ $# -gt 1 ] || wrong_use "$1 needs a value"
        case $1 in
          --out) out=$2 ;;
          --providers) providers=$(printf '%s' "$2" | tr -d ' ') ;;
          --shape) shape=$2 ;;
          --model) model=$2 ;;
        esac
        shift
        ;;
      *) wrong_use "unknown option $1" ;;
    esac
    shift
  done
  for provider in $(asked_providers); do
    case $provider in
      cpu | cuda | tensorrt) ;;
      *) wrong_use "unknown provider $provider" ;;
    esac
  done
  [ -z "$model" ] || model=$(CDPATH='' cd -- "$model" && pwd -P) || wrong_use "there is no such model"
}

asked_providers() {
  printf '%s' "$providers" | tr ',' ' '
}

asks() {
  case ,$providers, in
    *,"$1",*) return 0 ;;
    *) return 1 ;;
  esac
}

set_extent() {
  if [ -n "$quick" ]; then
    shape=${shape:-smollm2-135m}
    dialogues=40
    repeats=1
    gpu_batches=1,8,32
    cpu_batches=1
  else
    shape=${shape:-llama-3.2-1b}
    dialogues=1000
    repeats=3
    gpu_batches=1,8,32,64,128
    cpu_batches=1,8
  fi
}

make_directories() {
  mkdir -p "$out/logs"
  out=$(CDPATH='' cd -- "$out" && pwd -P)
  logs=$out/logs
  rm -f "$out"/report.* "$logs"/*
  # Models are large and can be made again: they do not belong to the report.
  work=$(mktemp -d "${TMPDIR:-/tmp}/millrace-gpu-check.XXXXXX")
  steps=$work/steps.jsonl
  : >"$steps"
  watcher=
  failures=0
  trap clean_up EXIT
  trap 'exit 130' INT TERM
}

clean_up() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true
  rm -rf "$work"
}

# JSON without jq -----------------------------------------------------------------------------

# Standard input as a JSON string.
json_text() {
  tr '\t' ' ' | tr -d '\000-\010\013-\037' | sed 's/\\/\\\\/g; s/"/\\"/g' |
    awk 'BEGIN { printf "\"" } NR > 1 { printf "\\n" } { printf "%s", $0 } END { printf "\"" }'
}

# Its lines as a JSON array of strings.
json_lines() {
  printf '['
  separator=
  while IFS= read -r line; do
    printf '%s%s' "$separator" "$(printf '%s' "$line" | json_text)"
    separator=,
  done
  printf ']'
}

# Values of keys, of each of the flat objects in a file, a line for each: values FILE KEY...
values() {
  file=$1
  shift
  [ ! -s "$file" ] || awk -v keys="$*" '
    BEGIN { RS = "}"; count = split(keys, key, " ") }
    /{/ {
      for (i = 1; i <= count; i++) {
        value = "-"
        if (match($0, "\"" key[i] "\":[^,]*")) {
          skipped = length(key[i]) + 3
          value = substr($0, RSTART + skipped, RLENGTH - skipped)
        }
        printf "%s%s", value, i < count ? " " : "\n"
      }
    }' "$file"
}

# Steps ---------------------------------------------------------------------------------------

device() {
  visible=${CUDA_VISIBLE_DEVICES:-0}
  printf '%s' "${visible%%,*}"
}

has_gpu() {
  command -v nvidia-smi >/dev/null 2>&1
}

start_watching() {
  has_gpu || return 0
  nvidia-smi -i "$(device)" --query-gpu=memory.used --format=csv,noheader,nounits -lms 200 \
    >"$work/memory" 2>/dev/null &
  watcher=$!
}

stop_watching() {
  [ -n "$watcher" ] || return 0
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  watcher=
}

# The GPU's memory in use before the step, and the most during it, in MiB; null if not known.
memory_before_and_peak() {
  { cat "$work/memory" 2>/dev/null || true; } | awk '
    /^[0-9]+ *$/ { if (!count++) { before = $1; peak = $1 } if ($1 > peak) peak = $1 }
    END { if (count) print before, peak; else print "null null" }'
}

# Why a step failed: the first tests that did, or else the last lines of its log.
reason() {
  grep -B 2 -m 5 '^ *=> ' "$logs/$1.log" || grep -v '^[[:space:]]*$' "$logs/$1.log" | tail -n 4
}

# Runs a command as a step: step NAME PROVIDER COMMAND... What it prints is the step's result, in
# JSON; its other output is the step's log. A step that fails is noted, and the next one follows.
step() {
  name=$1
  of=$2
  shift 2
  printf '%-34s ' "$name"
  start=$(date +%s)
  start_watching
  status=passed
  "$@" >"$logs/$name.json" 2>"$logs/$name.log" </dev/null || status=failed
  stop_watching
  note_step "$(($(date +%s) - start))"
}

note_step() {
  seconds=$1
  read -r before peak <<EOF
$(memory_before_and_peak)
EOF
  why=null
  if [ "$status" = failed ]; then
    failures=$((failures + 1))
    why=$(reason "$name" | json_text)
  fi
  result=$(head -n 1 "$logs/$name.json")
  case $result in
    '['* | '{'*) ;;
    *)
      result=null
      rm -f "$logs/$name.json"
      ;;
  esac
  printf '{"step":"%s","provider":"%s","status":"%s","seconds":%s,"gpu_memory_before_mib":%s,' \
    "$name" "$of" "$status" "$seconds" "$before" >>"$steps"
  printf '"gpu_memory_peak_mib":%s,"reason":%s,"result":%s}\n' "$peak" "$why" "$result" >>"$steps"
  printf '%s, %s s\n' "$status" "$seconds"
  [ "$status" = passed ] || reason "$name" | sed 's/^/    /'
}

# The machine ---------------------------------------------------------------------------------

# The JVM that ./millrace starts, and where its ONNX Runtime is, for the tests.
find_jvm() {
  settings=$(MILLRACE_JAVA_OPTS="${MILLRACE_JAVA_OPTS:-} -XshowSettings:properties" \
    "$millrace" --version 2>&1) || {
    printf '%s\n' "$settings" >&2
    exit 1
  }
  MILLRACE_JAVA_HOME=$(printf '%s\n' "$settings" | sed -n 's/^ *java\.home = //p')
  export MILLRACE_JAVA_HOME
  native=$(printf '%s\n' "$settings" | sed -n 's/^ *onnxruntime\.native\.path = //p')
}

gpus() {
  has_gpu || return 0
  nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv,noheader || true
}

cpu() {
  sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1
}

memory_mib() {
  awk '/^MemTotal/ { printf "%d", $2 / 1024 }' /proc/meminfo 2>/dev/null
}

describe_machine() {
  gpus >"$work/gpus"
  cpu >"$work/cpu"
  processors=$(getconf _NPROCESSORS_ONLN)
  memory=$(memory_mib)
  "$millrace" --version >"$work/version" 2>/dev/null || true
  basename "$(ls "$home"/deploy/target/millrace/lib/onnxruntime*.jar)" .jar >"$work/onnxruntime"
}

doctor() {
  "$millrace" doctor 2>&1 | sed 's/ *$//' >"$work/doctor"
  cat "$work/doctor" >&2
  ! grep -q '^FAIL' "$work/doctor"
}

# Tests ---------------------------------------------------------------------------------------

# Runs tests of the kit and prints their numbers: run_tests OPTIONS-OF-THE-CONSOLE...
run_tests() {
  tests=$(ls "$kit"/millrace-model-runtime-*-tests.jar) || return 1
  code=0
  (cd "$home/model-runtime" && "$MILLRACE_JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow ${native:+-Donnxruntime.native.path="$native"} \
    -Djava.io.tmpdir="$work" -Djqwik.database="$work/jqwik" \
    -cp "$kit/*:$home/deploy/target/millrace/lib/*" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors \
    --details=tree --details-theme=ascii --scan-class-path "$tests" "$@") >"$work/tests" 2>&1 || code=$?
  cat "$work/tests" >&2
  awk '
    / tests (found|successful|skipped|aborted|failed)/ { number[$4] = $2 }
    END {
      printf "{\"found\":%d,\"successful\":%d,\"skipped\":%d,\"failed\":%d}\n", number["found"],
        number["successful"], number["skipped"] + number["aborted"], number["failed"]
    }' "$work/tests"
  return $code
}

# They skip themselves where CUDA cannot be used, which would not be a pass.
cuda_tests() {
  run_tests --include-classname '.*Cuda.*Test' >"$work/numbers" || {
    cat "$work/numbers"
    return 1
  }
  cat "$work/numbers"
  if [ "$(values "$work/numbers" successful)" = 0 ]; then
    printf 'no test ran\n' >&2
    grep -m 1 '\[S\]' "$work/tests" >&2 || printf 'the kit has none for CUDA\n' >&2
    return 1
  fi
}

cpu_tests() {
  run_tests --include-classname '.*(Test|Properties)' --exclude-classname '.*Cuda.*' \
    --include-package io.millrace.runtime.device --include-package io.millrace.runtime.session \
    --include-package io.millrace.runtime.engine
}

run_kit() {
  if [ ! -d "$kit" ]; then
    status=failed
    name=tests
    of=
    printf '%-34s ' "$name"
    printf 'no test kit in %s: build with mvn -Pgpu\n' "$kit" >"$logs/$name.log"
    : >"$logs/$name.json"
    note_step 0
    return
  fi
  if asks cuda || asks tensorrt; then
    step tests-cuda cuda cuda_tests
  fi
  [ -n "$quick" ] || step tests-cpu cpu cpu_tests
}

# Models --------------------------------------------------------------------------------------

# What a provider runs of the demo model and of a random one.
layouts() {
  case $1 in
    tensorrt) printf standard ;;
    cuda) printf 'fused gqa' ;;
    *) printf gqa ;;
  esac
}

# make_demo PRECISION LAYOUT; made once.
make_demo() {
  [ -d "$work/demo-$1-$2" ] ||
    step "export-demo-$1-$2" "" \
      "$millrace" models export "$demo/checkpoint" "$work/demo-$1-$2" --precision "$1" --layout "$2"
}

# make_random SHAPE PRECISION LAYOUT; made once.
make_random() {
  [ -d "$work/$1-$2-$3" ] && return
  set -- "$1" "$2" "$3" "$1-$2-$3"
  if [ "$3" = standard ]; then
    step "random-$4" "" "$millrace" models random "$1" "$work/$4" --precision "$2" \
      --layout "$3" --capacity "$capacity"
  else
    step "random-$4" "" "$millrace" models random "$1" "$work/$4" --precision "$2" --layout "$3"
  fi
}

engine_cache() {
  [ "$1" != tensorrt ] || printf '%s' "--engine-cache=$work/engines"
}

# Agreement -----------------------------------------------------------------------------------

# Enough to compare logits with: a random model has nothing to say to them.
write_small_dialogues() {
  cat >"$work/small.jsonl" <<'EOF'
{"messages": [{"role": "user", "content": "Where is it?"}, {"role": "assistant", "content": "It left our house on Monday."}]}
{"messages": [{"role": "user", "content": "Can I pay later?"}, {"role": "assistant", "content": "Yes, within 14 days."}]}
{"messages": [{"role": "user", "content": "Do you ship to Norway?"}, {"role": "assistant", "content": "We do, in five to seven days."}]}
{"messages": [{"role": "user", "content": "Thanks."}, {"role": "assistant", "content": "You are welcome!"}]}
EOF
}

# compare PROVIDER REFERENCE OTHER DIALOGUES LEAST-AGREEMENT
compare() {
  # shellcheck disable=SC2046 # no option at all if there is none
  "$millrace" models compare "$2" "$3" --dialogues "$4" --provider "$1" \
    $(engine_cache "$1") --json >"$work/comparison" || return 1
  cat "$work/comparison"
  values "$work/comparison" greedy_agreement mean_logits_error |
    awk -v least="$5" -v most="$largest_mean_error" '
      $1 >= least && $2 <= most { good = 1 }
      END { exit !good }' || {
    printf 'greedy agreement below %s or mean error of the logits above %s: ' \
      "$5" "$largest_mean_error"
    cat "$work/comparison"
    return 1
  } >&2
}

compare_with_cpu() {
  head -n "$dialogues" "$demo/dialogues/heldout.jsonl" >"$work/heldout.jsonl"
  write_small_dialogues
  make_demo fp32 gqa
  [ -n "$quick" ] || make_random smollm2-135m fp32 gqa
  for provider in $(asked_providers); do
    for layout in $(layouts "$provider"); do
      compare_layout "$provider" "$layout"
    done
  done
}

# compare_layout PROVIDER LAYOUT
compare_layout() {
  make_demo fp16 "$2"
  step "compare-demo-$1-$2" "$1" compare "$1" \
    "$work/demo-fp32-gqa" "$work/demo-fp16-$2" "$work/heldout.jsonl" "$least_agreement"
  [ -z "$quick" ] || return 0
  make_random smollm2-135m fp16 "$2"
  # Among a random model's logits the first two are often near: agreement says little.
  step "compare-smollm2-135m-$1-$2" "$1" compare "$1" \
    "$work/smollm2-135m-fp32-gqa" "$work/smollm2-135m-fp16-$2" "$work/small.jsonl" 0
}

# Speed ---------------------------------------------------------------------------------------

# bench PROVIDER MODEL BATCHES
bench() {
  # shellcheck disable=SC2046 # no option at all if there is none
  "$millrace" bench engine "$2" --provider "$1" --batch "$3" --repeats "$repeats" \
    --prompt "$prompt" --completion "$completion" $(engine_cache "$1") --json
}

bench_gpu() {
  if [ -n "$model" ]; then
    bench_model "bench-$1" "$1" "$model"
    return
  fi
  for layout in $(layouts "$1"); do
    make_random "$shape" fp16 "$layout"
    bench_model "bench-$1-$layout" "$1" "$work/$shape-fp16-$layout"
  done
}

# bench_model STEP PROVIDER MODEL
bench_model() {
  step "$1" "$2" bench "$2" "$3" "$gpu_batches"
  # Once more, with the engines that were built the first time.
  [ "$2" != tensorrt ] || step "$1-warm" "$2" bench "$2" "$3" "$gpu_batches"
}

measure_speed() {
  for provider in $(asked_providers); do
    if [ "$provider" = cpu ]; then
      # A smaller one in the precision that is fastest there, so that it ends.
      make_random smollm2-135m int8 gqa
      step bench-cpu cpu bench cpu "$work/smollm2-135m-int8-gqa" "$cpu_batches"
    else
      bench_gpu "$provider"
    fi
  done
}

# Report --------------------------------------------------------------------------------------

write_json() {
  passed=true
  [ "$failures" = 0 ] || passed=false
  {
    printf '{"date":"%s","passed":%s,' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$passed"
    printf '"providers":%s,"quick":%s,' "$(asked_providers | tr ' ' '\n' | json_lines_of_words)" \
      "$([ -n "$quick" ] && printf true || printf false)"
    printf '"model":%s,"prompt_tokens":%s,"completion_tokens":%s,"repeats":%s,' \
      "$(printf '%s' "${model:-$shape}" | json_text)" "$prompt" "$completion" "$repeats"
    printf '"machine":{"gpus":%s,"cpu":%s,"processors":%s,"memory_mib":%s,' \
      "$(json_lines <"$work/gpus")" "$(json_text <"$work/cpu")" "$processors" "${memory:-null}"
    printf '"versions":%s,"onnxruntime":%s,"native_path":%s,"doctor":%s},' \
      "$(json_lines <"$work/version")" "$(json_text <"$work/onnxruntime")" \
      "$(printf '%s' "$native" | json_text)" "$(json_lines <"$work/doctor")"
    printf '"bus_bytes_per_row_and_step":{"by":"construction","in":16,"out_greedy":8,'
    printf '"out_sampled":"a row of logits"},'
    printf '"steps":[%s]}\n' "$(paste -s -d , "$steps")"
  } >"$out/report.json"
}

# Words on lines of which the last may not be ended.
json_lines_of_words() {
  awk 1 | json_lines
}

write_machine() {
  printf 'Millrace on a GPU, %s\n\n' "$(date -u '+%Y-%m-%d %H:%M UTC')"
  sed 's/^/gpu        /' "$work/gpus"
  [ -s "$work/gpus" ] || printf 'gpu        none found by nvidia-smi\n'
  printf 'cpu        %s, %s processors, %s MiB\n' "$(cat "$work/cpu")" "$processors" "$memory"
  sed 's/^/version    /' "$work/version"
  printf 'library    %s%s\n' "$(cat "$work/onnxruntime")" "${native:+, native libraries in $native}"
  sed 's/^/doctor     /' "$work/doctor"
}

write_steps() {
  printf '\n%-34s %-8s %8s  %s\n' step status seconds 'GPU memory: before, most (MiB)'
  values_of_steps step status seconds gpu_memory_before_mib gpu_memory_peak_mib |
    while read -r step status seconds before peak; do
      printf '%-34s %-8s %8s  %s %s\n' "$step" "$status" "$seconds" "$before" "$peak"
    done
}

# The head of each step is flat; its result is left out.
values_of_steps() {
  sed 's/,"reason":.*/}/' "$steps" | tr -d '"' | sed 's/\([{,]\)\([a-z_]*\):/\1"\2":/g' >"$work/heads"
  values "$work/heads" "$@"
}

write_tests() {
  printf '\n%-34s %8s %10s %8s %8s\n' tests found successful skipped failed
  for file in "$logs"/tests-*.json; do
    [ -e "$file" ] || continue
    values "$file" found successful skipped failed | while read -r found successful skipped failed; do
      printf '%-34s %8s %10s %8s %8s\n' \
        "$(basename "$file" .json)" "$found" "$successful" "$skipped" "$failed"
    done
  done
}

write_agreement() {
  printf '\n%-34s %8s %10s %12s %12s\n' 'fp16 against fp32 on the CPU' tokens agreement \
    'mean error' 'largest'
  for file in "$logs"/compare-*.json; do
    [ -e "$file" ] || continue
    values "$file" tokens greedy_agreement mean_logits_error largest_logits_error |
      awk -v name="$(basename "$file" .json)" '
        { printf "%-34s %8d %8.2f %% %12.2e %12.2e\n", name, $1, 100 * $2, $3, $4 }'
  done
}

write_speed() {
  printf '\n%s prompt and %s completion tokens a row; tokens/s\n' "$prompt" "$completion"
  printf '%-24s %6s %10s %10s %8s %10s %8s\n' '' batch decode limit share prefill 'open s'
  for file in "$logs"/bench-*.json; do
    [ -e "$file" ] || continue
    values "$file" batch decode_tokens_per_second decode_limit_tokens_per_second \
      share_of_decode_limit prefill_tokens_per_second open_seconds |
      awk -v name="$(basename "$file" .json)" '
        {
          limit = $3 == "-" ? "-" : sprintf("%.0f", $3)
          share = $4 == "-" ? "-" : sprintf("%.1f %%", 100 * $4)
          printf "%-24s %6d %10.1f %10s %8s %10.1f %8.2f\n", name, $1, $2, limit, share, $5, $6
        }'
  done
  printf 'limit: what the memory of the GPU allows.\n'
}

write_bus() {
  printf '\nBytes over the bus for each row and step, by construction, not measured: 16 in (token\n'
  printf 'and position, which the GPU reads from mapped memory), 8 out where sampling is greedy,\n'
  printf 'a row of logits where it is not.\n'
}

write_failures() {
  if [ "$failures" = 0 ]; then
    printf '\nAll passed on %s.\n' "$providers"
    return
  fi
  printf '\nFAILED: %s of %s steps.\n' "$failures" "$(wc -l <"$steps" | tr -d ' ')"
  values_of_steps step status | while read -r step status; do
    [ "$status" = failed ] || continue
    printf '%s:\n' "$step"
    reason "$step" | sed 's/^/    /'
  done
}

write_text() {
  {
    write_machine
    write_steps
    write_tests
    write_agreement
    write_speed
    write_bus
    write_failures
  } >"$out/report.txt"
}

read_options "$@"
set_extent
make_directories
find_jvm
describe_machine
step doctor "" doctor
run_kit
compare_with_cpu
measure_speed
write_json
write_text
printf '\nreport: %s\n' "$out/report.txt"
[ "$failures" = 0 ]
