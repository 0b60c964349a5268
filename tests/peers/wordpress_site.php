<?php
/* A must-use plugin of the test sites: lets tests comment quickly, and makes the
   REST API fail on demand. It changes nothing of how WordPress itself answers. */
add_filter('wp_is_comment_flood', function ($flood) {
    return file_exists(WP_TEST_DIR . '/flood') ? $flood : false;
}, 99);
add_filter('rest_allow_anonymous_comments', '__return_true');
add_filter('pre_wp_mail', '__return_true');

function kv_fault($method, $route, $when) {
    $file = WP_TEST_DIR . '/fault.json';
    if (!file_exists($file)) { return null; }
    $lock = fopen(WP_TEST_DIR . '/fault.lock', 'c');
    flock($lock, LOCK_EX);
    $fault = json_decode((string) @file_get_contents($file), true);
    $hit = $fault && $fault['method'] === $method && $fault['when'] === $when
        && strpos($route, $fault['path']) !== false;
    if ($hit) {
        $fault['times'] -= 1;
        if ($fault['times'] <= 0) { unlink($file); } else { file_put_contents($file, json_encode($fault)); }
    }
    flock($lock, LOCK_UN);
    return $hit ? $fault : null;
}

function kv_answer($fault) {
    if (!empty($fault['sleep'])) { sleep($fault['sleep']); }
    if (empty($fault['status'])) { return null; }
    foreach ($fault['headers'] as $name => $value) { header("$name: $value"); }
    if (isset($fault['body'])) {
        status_header($fault['status']);
        echo $fault['body'];
        exit;
    }
    return new WP_Error($fault['code'], 'made for the test', ['status' => $fault['status']]);
}

add_filter('rest_pre_dispatch', function ($result, $server, $request) {
    $line = $request->get_method() . ' ' . $request->get_route() . "\n";
    file_put_contents(WP_TEST_DIR . '/requests.log', $line, FILE_APPEND | LOCK_EX);
    $fault = kv_fault($request->get_method(), $request->get_route(), 'before');
    $answer = $fault ? kv_answer($fault) : null;
    return $answer ?: $result;
}, 10, 3);

add_filter('rest_post_dispatch', function ($response, $server, $request) {
    $fault = kv_fault($request->get_method(), $request->get_route(), 'after');
    $answer = $fault ? kv_answer($fault) : null;
    return $answer ? rest_convert_error_to_response($answer) : $response;
}, 10, 3);
